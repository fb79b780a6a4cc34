package dev.wingman.rest;

import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.Provider;

/** Answers OPTIONS; what browsers ask before a call (CORS) does not come here. */
@Provider
@PreMatching
class OptionsFilter implements ContainerRequestFilter {
    private final PermittedMethods permitted;

    OptionsFilter(PermittedMethods permitted) {
        this.permitted = permitted;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        if (!request.getMethod().equals(HttpMethod.OPTIONS)) {
            return;
        }
        String methods = permitted.at(request.getUriInfo().getRequestUri().getRawPath());
        if (methods == null) {
            throw new NotFoundException();
        }
        request.abortWith(Response.noContent().header(HttpHeaders.ALLOW, methods).build());
    }
}
