package dev.wingman.rest;

import dev.wingman.security.RefusedException;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.Validator;
import jakarta.ws.rs.ext.Provider;
import jakarta.ws.rs.ext.ReaderInterceptor;
import jakarta.ws.rs.ext.ReaderInterceptorContext;
import java.io.IOException;

/**
 * Lets no body through that breaks the rules of its class in {@link Requests}.
 *
 * <p>Here and not by {@code @Valid} on each method: for that, every start would have to examine all
 * methods of all resources.
 */
@Provider
class ValidBodies implements ReaderInterceptor {
    private final Validator validator;

    ValidBodies(Validator validator) {
        this.validator = validator;
    }

    @Override
    public Object aroundReadFrom(ReaderInterceptorContext context) throws IOException {
        Object body = context.proceed();
        if (body == null) {
            throw new RefusedException(
                    RefusedException.Kind.MALFORMED, "malformed_json", "a JSON body is expected");
        }
        var violations = validator.validate(body);
        if (!violations.isEmpty()) {
            throw new ConstraintViolationException(violations);
        }
        return body;
    }
}
