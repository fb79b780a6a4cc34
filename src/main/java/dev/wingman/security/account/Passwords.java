package dev.wingman.security.account;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Argon2id (RFC 9106) over passwords, in the PHC string format.
 *
 * <p>Thread-safe. Each call takes {@code memoryKib} of memory and as long as the parameters make
 * it: whoever calls bounds how many run at once.
 */
public final class Passwords {
    private static final Pattern FORM =
            Pattern.compile(
                    "\\$argon2id\\$v=19\\$m=(\\d{1,9}),t=(\\d{1,4}),p=(\\d{1,3})\\$([^$]+)\\$([^$]+)");
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;

    /**
     * How much work a guess is.
     *
     * @param memoryKib at least 8 for each lane
     */
    public record Cost(int memoryKib, int iterations, int parallelism) {
        public static final int MAX_MEMORY_KIB = 1024 * 1024;

        public static final Cost DEFAULT = new Cost(64 * 1024, 3, 4);

        /** The least that the algorithm takes. */
        private static final Cost LEAST = new Cost(8, 1, 1);

        public Cost {
            if (iterations < 1 || parallelism < 1 || memoryKib < 8 * parallelism) {
                throw new IllegalArgumentException(
                        "wingman.security.argon2 needs 1 or more iterations and lanes and 8K of"
                                + " memory for each lane");
            }
        }
    }

    private final Cost cost;
    private final RandomGenerator random;
    private final String hashOfNobody;

    /**
     * @param random must be unpredictable: the salts come from it
     */
    public Passwords(Cost cost, RandomGenerator random) {
        this.cost = cost;
        this.random = random;
        this.hashOfNobody =
                format(cost, new byte[SALT_BYTES], new byte[HASH_BYTES]); // no password has it
    }

    /** What is stored of a password. */
    public String hash(String password) {
        return hash(password, cost);
    }

    /**
     * What is stored of a password of 128 or more random bits, at hardly any cost: nobody guesses
     * it, however little work a guess is.
     */
    public String hashOfRandom(String password) {
        return hash(password, Cost.LEAST);
    }

    private String hash(String password, Cost cost) {
        var salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        return format(cost, salt, argon2id(password, cost, salt));
    }

    /** Whether a guess is less work than with a hash of today. */
    public boolean isOutdated(String stored) {
        Cost then = parse(stored).cost();
        return then.memoryKib() < cost.memoryKib() || then.iterations() < cost.iterations();
    }

    /** Whether the password is the one that was hashed, under the parameters of that time. */
    public boolean matches(String password, String stored) {
        Stored parts = parse(stored);
        return MessageDigest.isEqual(parts.hash(), argon2id(password, parts.cost(), parts.salt()));
    }

    @SuppressWarnings("ArrayRecordComponent") // lives for one comparison
    private record Stored(Cost cost, byte[] salt, byte[] hash) {}

    private static Stored parse(String stored) {
        Matcher parts = FORM.matcher(stored);
        if (!parts.matches()) {
            throw new IllegalArgumentException("not a hash of ours");
        }
        return new Stored(
                new Cost(
                        Integer.parseInt(parts.group(1)),
                        Integer.parseInt(parts.group(2)),
                        Integer.parseInt(parts.group(3))),
                Base64.getDecoder().decode(parts.group(4)),
                Base64.getDecoder().decode(parts.group(5)));
    }

    /** Stands in for the hash of a user that does not exist: as slow as any, and never right. */
    public String hashOfNobody() {
        return hashOfNobody;
    }

    private static String format(Cost cost, byte[] salt, byte[] hash) {
        Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
        return "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
                .formatted(
                        cost.memoryKib(),
                        cost.iterations(),
                        cost.parallelism(),
                        base64.encodeToString(salt),
                        base64.encodeToString(hash));
    }

    private static byte[] argon2id(String password, Cost cost, byte[] salt) {
        var generator = new Argon2BytesGenerator();
        generator.init(
                new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                        .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                        .withMemoryAsKB(cost.memoryKib())
                        .withIterations(cost.iterations())
                        .withParallelism(cost.parallelism())
                        .withSalt(salt)
                        .build());
        var hash = new byte[HASH_BYTES];
        generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
        return hash;
    }
}
