package dev.wingman.query;

import dev.wingman.protocol.ErrorCode;

/** What became of a client's query. A refusal is ordinary and owes the client an answer. */
public sealed interface Compiled {
    record Ok(CompiledQuery query) implements Compiled {}

    /**
     * @param code {@link ErrorCode#BAD_REQUEST} when the query breaks a rule, {@link
     *     ErrorCode#TOO_LARGE} when it exceeds a limit, {@link ErrorCode#NOT_AVAILABLE} when this
     *     server has no such feature
     * @param reason for whoever wrote the query
     */
    record Unsupported(ErrorCode code, String reason) implements Compiled {}
}
