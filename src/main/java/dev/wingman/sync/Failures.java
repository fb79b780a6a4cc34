package dev.wingman.sync;

import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.ServerMessage.Failure;
import dev.wingman.storage.StoreException;
import dev.wingman.storage.StoreException.Problem;
import dev.wingman.storage.sql.DatabaseException;
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
            return of(store);
        }
        if (cause instanceof DatabaseException database
                && database.problem() == DatabaseException.Problem.UNAVAILABLE) {
            LOG.warnf("database unavailable error=%s", database);
            return new Failure(
                    ErrorCode.UNAVAILABLE, "the database does not answer; try again soon");
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

    /** The exception's own text names files, which are no client's business. */
    private Failure of(StoreException store) {
        if (store.problem() == Problem.STALE_EPOCH
                && store.getCause() instanceof StoreException earlier) {
            // Taken along by another write, and so for the same reason.
            return of(earlier);
        }
        return switch (store.problem()) {
            case DISK_FULL ->
                    new Failure(
                            ErrorCode.STORAGE_FULL,
                            "the server has no more space; reads still work");
            case DAMAGED, NEWER_FORMAT ->
                    new Failure(
                            ErrorCode.UNAVAILABLE,
                            "the server's store is damaged and takes no writes; see its log");
            case STALE_EPOCH, CLOSED, LOCKED ->
                    new Failure(
                            ErrorCode.UNAVAILABLE,
                            "the server's store takes nothing now; try again later");
            case IO -> {
                LOG.error("the store failed", store);
                yield new Failure(
                        ErrorCode.UNAVAILABLE, "the server's store failed; see the server's log");
            }
        };
    }
}
