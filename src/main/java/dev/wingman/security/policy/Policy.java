package dev.wingman.security.policy;

import java.util.Locale;

/**
 * One rule.
 *
 * @param id unique, and like {@link #ID}
 */
public record Policy(String id, MapPattern maps, Action action, Effect effect) {
    /** What ids are like. */
    public static final String ID = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";

    /** What somebody wants to do with a map, or what a rule is about. */
    public enum Action {
        READ,
        WRITE,
        REMOVE,
        /** Of a rule: any of them. */
        ALL;

        /** As on the wire. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What a rule says. */
    public enum Effect {
        ALLOW,
        DENY;

        /** As on the wire. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    boolean concerns(Action wanted) {
        return action == Action.ALL || action == wanted;
    }
}
