package dev.wingman.recorder;

import java.util.concurrent.atomic.LongAdder;

/** What the recorder has done since the start. Thread-safe. */
public final class RecorderCounters {
    final LongAdder recorded = new LongAdder();
    final LongAdder notRecorded = new LongAdder();
    final LongAdder forwarded = new LongAdder();
    final LongAdder replayed = new LongAdder();
    final LongAdder misses = new LongAdder();
    final LongAdder outOfOrder = new LongAdder();
    final LongAdder targetFailures = new LongAdder();
    final LongAdder connectionsRefused = new LongAdder();
    final LongAdder sockets = new LongAdder();
    final LongAdder socketMismatches = new LongAdder();
    final LongAdder targetNanos = new LongAdder();

    /** Exchanges whose end is on a tape. */
    public long recorded() {
        return recorded.sum();
    }

    /** Exchanges that were forwarded and could not be recorded. */
    public long notRecorded() {
        return notRecorded.sum();
    }

    /** Requests passed to a target. */
    public long forwarded() {
        return forwarded.sum();
    }

    public long replayed() {
        return replayed.sum();
    }

    public long misses() {
        return misses.sum();
    }

    public long outOfOrder() {
        return outOfOrder.sum();
    }

    /** Requests that a target did not answer. */
    public long targetFailures() {
        return targetFailures.sum();
    }

    public long connectionsRefused() {
        return connectionsRefused.sum();
    }

    /** WebSockets opened. */
    public long sockets() {
        return sockets.sum();
    }

    /** Replays of WebSockets ended because the client said something else. */
    public long socketMismatches() {
        return socketMismatches.sum();
    }

    /** Time between requests and the heads of their answers, in seconds, all together. */
    public double targetSeconds() {
        return targetNanos.sum() / 1e9;
    }
}
