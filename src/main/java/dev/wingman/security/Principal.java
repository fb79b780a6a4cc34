package dev.wingman.security;

import java.util.Set;

/**
 * Whoever a token speaks for.
 *
 * @param roles of the REST API; on the data plane they mean nothing
 */
public record Principal(String subject, Set<String> roles) {
    public Principal {
        roles = Set.copyOf(roles);
    }
}
