package dev.wingman.security.account;

import dev.wingman.security.Principal;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.UUID;

/** Whoever asks for something, as the token or the account says. */
public record Caller(UUID id, Set<Role> roles) {
    public Caller {
        roles = Set.copyOf(roles);
    }

    /**
     * Subjects of our own tokens are ids. Those of other issuers get one that is always the same
     * and, being of version 3 (RFC 9562, section 5.3), never the id of an account.
     */
    public static Caller of(Principal who) {
        UUID id = who.foreign() ? named(who.subject()) : id(who.subject());
        return new Caller(id, Role.among(who.roles()));
    }

    /** As the text says; one that is always the same for other texts. */
    public static UUID id(String subject) {
        try {
            UUID id = UUID.fromString(subject);
            if (id.toString().equalsIgnoreCase(subject)) {
                return id;
            }
        } catch (IllegalArgumentException noId) {
            return named(subject);
        }
        return named(subject);
    }

    private static UUID named(String subject) {
        return UUID.nameUUIDFromBytes(subject.getBytes(StandardCharsets.UTF_8));
    }

    public boolean isAdmin() {
        return roles.contains(Role.ADMIN);
    }

    /** Sees what belongs to others. */
    public boolean seesAll() {
        return isAdmin() || roles.contains(Role.VIEWER);
    }

    public boolean maySee(UUID owner) {
        return id.equals(owner) || seesAll();
    }

    public boolean mayChange(UUID owner) {
        return isAdmin() || (id.equals(owner) && roles.contains(Role.USER));
    }
}
