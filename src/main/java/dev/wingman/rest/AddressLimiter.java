package dev.wingman.rest;

import jakarta.annotation.Priority;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.ext.Provider;

/** Lets each address try only so many passwords and tokens. */
@LimitedByAddress
@Provider
@Priority(Priorities.AUTHENTICATION)
class AddressLimiter implements ContainerRequestFilter {
    private final RestServer server;
    private final Visit visit;

    AddressLimiter(RestServer server, Visit visit) {
        this.server = server;
        this.visit = visit;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        Doorkeeper.limit(server.limits().addresses(), visit.address(), visit);
    }
}
