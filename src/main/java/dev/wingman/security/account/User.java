package dev.wingman.security.account;

import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A person with an account. The password's hash is not part of it. */
public record User(
        UUID id,
        String email,
        @Nullable String name,
        Set<Role> roles,
        boolean disabled,
        long version,
        Instant createdAt,
        Instant updatedAt) {
    public User {
        roles = Set.copyOf(roles);
    }

    /** Without the address of the person. */
    @Override
    public String toString() {
        return "User[" + id + "]";
    }
}
