package dev.wingman.sync;

import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.ServerMessage.Failure;
import dev.wingman.storage.StoreException;
import java.util.concurrent.CompletionException;
import org.jboss.logging.Logger;

/**
 * The last stop of whatever fails inside: makes the answer that the client gets, and logs what
 * nobody expected.
 *
 * <p>Thread-safe.
 */
final class Failures {
    private static final Logger LOG = Logger.getLogger(Failures.class);

    private final SyncCounters counters;

    Failures(SyncCounters counters) {
        this.counters = counters;
    }

    /** What a client is told. Only where the failure ends, or it is logged more than once. */
    Failure of(Throwable error) {
        Throwable cause =
                error instanceof CompletionException && error.getCause() != null
                        ? error.getCause()
                        : error;
        if (cause instanceof StoreException store) {
            return new Failure(codeOf(store), String.valueOf(store.getMessage()));
        }
        LOG.error("a request failed", cause);
        counters.internalError();
        return new Failure(ErrorCode.INTERNAL, "the request failed on the server; see its log");
    }

    /** Where nobody waits for an answer. */
    void report(String what, Throwable error) {
        LOG.error(what, error);
        counters.internalError();
    }

    private static ErrorCode codeOf(StoreException failure) {
        return switch (failure.problem()) {
            case DISK_FULL -> ErrorCode.STORAGE_FULL;
            case LOCKED, DAMAGED, NEWER_FORMAT, STALE_EPOCH, CLOSED, IO -> ErrorCode.UNAVAILABLE;
        };
    }
}
