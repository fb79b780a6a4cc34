package dev.wingman.sync;

import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.ServerMessage.AckLevel;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Makes one answer of what several stripes say about one request. Thread-safe. */
final class WriteJoin implements CommitPipeline.Acknowledgement {
    private record Failure(ErrorCode code, String reason) {}

    private final AtomicInteger missing;
    private final Maps.Written whole;
    private final AtomicReference<@Nullable Failure> failure = new AtomicReference<>();
    private final AtomicReference<AckLevel> level = new AtomicReference<>(AckLevel.REPLICATED);

    /**
     * @param parts number of stripes that will answer, 1 or more
     */
    WriteJoin(int parts, Maps.Written whole) {
        this.missing = new AtomicInteger(parts);
        this.whole = whole;
    }

    @Override
    public void written(AckLevel reached) {
        level.accumulateAndGet(reached, (a, b) -> a.compareTo(b) < 0 ? a : b);
        partDone();
    }

    @Override
    public void failed(ErrorCode code, String reason) {
        failure.compareAndSet(null, new Failure(code, reason));
        partDone();
    }

    private void partDone() {
        if (missing.decrementAndGet() > 0) {
            return;
        }
        Failure cause = failure.get();
        if (cause != null) {
            whole.failed(cause.code(), cause.reason());
        } else {
            whole.written(level.get());
        }
    }
}
