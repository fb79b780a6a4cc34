package dev.wingman.security.account;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.UUID;

/** Whoever asks for something, as the token or the account says. */
public record Caller(UUID id, Set<Role> roles) {
    public Caller {
        roles = Set.copyOf(roles);
    }

    /**
     * Subjects of our own tokens are ids; those of other issuers get one that is always the same
     * (RFC 9562, section 5.3).
     */
    public static UUID id(String subject) {
        try {
            UUID id = UUID.fromString(subject);
            if (id.toString().equalsIgnoreCase(subject)) {
                return id;
            }
        } catch (IllegalArgumentException otherIssuer) {
            return UUID.nameUUIDFromBytes(subject.getBytes(StandardCharsets.UTF_8));
        }
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
