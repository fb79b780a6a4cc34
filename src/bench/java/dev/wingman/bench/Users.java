package dev.wingman.bench;

/**
 * Many users who authenticate one after the other, more than a server remembers the tokens of: each
 * token has to be checked. Not thread-safe.
 */
final class Users {
    private static final int COUNT = 8_192;

    private final byte[][] auths = new byte[COUNT][];
    private int next;

    Users() {
        var requests = new Requests();
        for (int i = 0; i < COUNT; i++) {
            auths[i] = requests.auth(Token.of("bench-" + i));
        }
    }

    /** The AUTH message of the next one. */
    byte[] nextAuth() {
        next = (next + 1) % COUNT;
        return auths[next];
    }
}
