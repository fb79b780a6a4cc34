package dev.wingman.recorder;

import java.time.Duration;

/** When the pieces of an answer are replayed. */
public sealed interface ReplayTiming {
    /** As fast as the client reads. */
    record Immediate() implements ReplayTiming {}

    /** Each as long after the request as it was recorded. */
    record AsRecorded() implements ReplayTiming {}

    /** A pause before each. */
    record Fixed(Duration pause) implements ReplayTiming {}

    /**
     * @param atMicros when it was recorded, after the beginning
     * @param sinceMicros how long ago the replay began
     * @return milliseconds to wait before the piece
     */
    default long pauseMillis(long atMicros, long sinceMicros) {
        return switch (this) {
            case Immediate() -> 0;
            case AsRecorded() -> Math.max(0, (atMicros - sinceMicros) / 1000);
            case Fixed(var pause) -> pause.toMillis();
        };
    }

    /** The end of an answer is no piece, but it has its time. */
    default long pauseBeforeEnd(long atMicros, long sinceMicros) {
        return switch (this) {
            case Immediate(), Fixed _ -> 0;
            case AsRecorded() -> pauseMillis(atMicros, sinceMicros);
        };
    }
}
