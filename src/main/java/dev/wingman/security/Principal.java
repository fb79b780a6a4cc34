package dev.wingman.security;

import java.util.Set;

/**
 * Whoever a token speaks for.
 *
 * @param roles of the REST API; on the data plane they mean nothing
 * @param foreign whether another issuer made the token, whose subjects are no accounts of ours
 *     whatever they look like
 */
public record Principal(String subject, Set<String> roles, boolean foreign) {
    public Principal {
        roles = Set.copyOf(roles);
    }

    /** Of our own issuer. */
    public Principal(String subject, Set<String> roles) {
        this(subject, roles, false);
    }
}
