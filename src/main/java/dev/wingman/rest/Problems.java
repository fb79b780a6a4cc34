package dev.wingman.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import dev.wingman.rest.ProblemJson.FieldJson;
import dev.wingman.security.RefusedException;
import dev.wingman.storage.sql.DatabaseException;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.ElementKind;
import jakarta.validation.Path;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.NotAllowedException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.hibernate.validator.constraints.CodePointLength;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Turns whatever goes wrong into a problem. Nothing of the inside goes out. */
class Problems {
    private static final Logger LOG = Logger.getLogger(Problems.class);
    private static final String MEDIA_TYPE = "application/problem+json";

    private final Visit visit;
    private final PermittedMethods permitted;

    Problems(Visit visit, PermittedMethods permitted) {
        this.visit = visit;
        this.permitted = permitted;
    }

    @ServerExceptionMapper
    Response refused(RefusedException refusal) {
        int status =
                switch (refusal.kind()) {
                    case UNAUTHENTICATED -> 401;
                    case FORBIDDEN -> 403;
                    case ABSENT -> 404;
                    case CONFLICT -> 409;
                    case STALE -> 412;
                    case MALFORMED -> 400;
                    case INVALID -> 422;
                    case UNCONDITIONAL -> 428;
                    case LIMITED -> 429;
                    case BUSY -> 503;
                };
        if (status == 401) {
            visit.answerWith(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        }
        if (status == 503) {
            visit.answerWith(HttpHeaders.RETRY_AFTER, "1");
        }
        if (refusal.kind() == RefusedException.Kind.INVALID) {
            String field = refusal.details().getOrDefault("field", List.of("")).getFirst();
            var error = new FieldJson(field, refusal.code(), refusal.message());
            return answer(
                    status, "invalid", field + ": " + refusal.message(), List.of(error), Map.of());
        }
        return answer(status, refusal.code(), refusal.message(), List.of(), refusal.details());
    }

    @ServerExceptionMapper
    Response failed(DatabaseException failure) {
        if (failure.problem() == DatabaseException.Problem.UNAVAILABLE) {
            LOG.warnf("database unavailable request=%s error=%s", visit.requestId(), failure);
            visit.answerWith(HttpHeaders.RETRY_AFTER, "1");
            return answer(503, "unavailable", "the database does not answer; try again soon");
        }
        return unexpected(failure);
    }

    @ServerExceptionMapper
    Response invalid(ConstraintViolationException violations) {
        List<FieldJson> errors = new ArrayList<>();
        for (ConstraintViolation<?> violation : violations.getConstraintViolations()) {
            errors.add(
                    new FieldJson(
                            field(violation.getPropertyPath()),
                            code(violation),
                            violation.getMessage()));
        }
        errors.sort(Comparator.comparing(FieldJson::field).thenComparing(FieldJson::code));
        FieldJson first = errors.getFirst();
        return answer(422, "invalid", first.field() + ": " + first.message(), errors, Map.of());
    }

    /** In the spelling of the body: the wire protocol's paths have names as Java has them. */
    private String field(Path path) {
        boolean isSnakeCase = visit.path().startsWith("/api/v1/");
        var field = new StringBuilder();
        for (Path.Node node : path) {
            if (node.getIndex() != null) {
                field.append('[').append(node.getIndex()).append(']');
            }
            if (node.getKind() == ElementKind.PROPERTY) {
                field.append(field.isEmpty() ? "" : ".")
                        .append(isSnakeCase ? snakeCase(node.getName()) : node.getName());
            }
        }
        return field.toString();
    }

    private static String snakeCase(String name) {
        return name.replaceAll("([a-z])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
    }

    /** Such as {@code size} or {@code not_blank}. */
    private static String code(ConstraintViolation<?> violation) {
        var constraint = violation.getConstraintDescriptor().getAnnotation();
        return constraint instanceof CodePointLength
                ? "size"
                : snakeCase(constraint.annotationType().getSimpleName());
    }

    /** The framework has a mapper of its own for this kind, which ours must outrank. */
    @ServerExceptionMapper
    Response mismatched(MismatchedInputException mismatch) {
        return unreadable(mismatch);
    }

    @ServerExceptionMapper
    Response unreadable(JsonProcessingException malformed) {
        var at = malformed.getLocation();
        String place =
                at == null
                        ? ""
                        : " (line %d, column %d)".formatted(at.getLineNr(), at.getColumnNr());
        return answer(
                400, "malformed_json", "the body is not the JSON that is expected here" + place);
    }

    @ServerExceptionMapper
    Response framework(WebApplicationException failure) {
        Response original = failure.getResponse();
        int status = original.getStatus();
        if (failure.getCause() instanceof JsonProcessingException malformed) {
            return unreadable(malformed);
        }
        if (status >= 500) {
            return unexpected(failure);
        }
        if (failure instanceof NotAllowedException) {
            visit.answerWith(
                    HttpHeaders.ALLOW,
                    Objects.requireNonNullElse(permitted.at(visit.path()), HttpMethod.OPTIONS));
        }
        return switch (status) {
            case 400 -> answer(400, "bad_request", "the request is malformed");
            case 404 -> answer(404, "not_found", "there is nothing at this path");
            case 405 ->
                    answer(
                            405,
                            "method_not_allowed",
                            "this path takes other methods; see the Allow header");
            case 406 -> answer(406, "not_acceptable", "the answer is JSON; accept that");
            case 413 -> answer(413, "too_large", "the body is larger than the server accepts");
            case 415 -> answer(415, "unsupported_media_type", "send application/json");
            default -> answer(status, "refused", "the request was refused");
        };
    }

    @ServerExceptionMapper
    Response unexpected(Throwable failure) {
        LOG.errorf(
                failure,
                "request failed method=%s path=%s request=%s",
                visit.method(),
                visit.path(),
                visit.requestId());
        return answer(
                500, "internal", "the request failed on the server; its log has the request id");
    }

    private Response answer(int status, String code, String detail) {
        return answer(status, code, detail, List.of(), Map.of());
    }

    private Response answer(
            int status,
            String code,
            String detail,
            List<FieldJson> errors,
            Map<String, List<String>> details) {
        String words = code.replace('_', ' ');
        String title = words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
        var problem =
                new ProblemJson(
                        "about:blank",
                        title,
                        status,
                        detail,
                        visit.path(),
                        code,
                        detail,
                        visit.requestId(),
                        errors,
                        details);
        return Response.status(status).type(MEDIA_TYPE).entity(problem).build();
    }
}
