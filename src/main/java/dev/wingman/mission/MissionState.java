package dev.wingman.mission;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a mission stands. A move is a method of the state that it leaves, so that a move which is
 * not there cannot be made.
 */
public sealed interface MissionState {
    MissionStatus status();

    /** Null before the first start. */
    default @Nullable Instant startedAt() {
        return null;
    }

    /** Null before the end. */
    default @Nullable Instant endedAt() {
        return null;
    }

    record Draft() implements MissionState {
        Active start(Instant now) {
            return new Active(now);
        }

        Archived archive() {
            return new Archived(null, null);
        }

        @Override
        public MissionStatus status() {
            return MissionStatus.DRAFT;
        }
    }

    record Active(Instant startedAt) implements MissionState {
        Paused pause() {
            return new Paused(startedAt);
        }

        Ended end(Outcome outcome, Instant now) {
            return new Ended(outcome, startedAt, now);
        }

        @Override
        public MissionStatus status() {
            return MissionStatus.ACTIVE;
        }
    }

    record Paused(Instant startedAt) implements MissionState {
        Active resume() {
            return new Active(startedAt);
        }

        Ended end(Outcome outcome, Instant now) {
            return new Ended(outcome, startedAt, now);
        }

        Archived archive() {
            return new Archived(startedAt, null);
        }

        @Override
        public MissionStatus status() {
            return MissionStatus.PAUSED;
        }
    }

    record Ended(Outcome outcome, Instant startedAt, Instant endedAt) implements MissionState {
        Archived archive() {
            return new Archived(startedAt, endedAt);
        }

        @Override
        public MissionStatus status() {
            return outcome.status;
        }
    }

    /** Terminal. */
    record Archived(@Nullable Instant startedAt, @Nullable Instant endedAt)
            implements MissionState {
        @Override
        public MissionStatus status() {
            return MissionStatus.ARCHIVED;
        }
    }

    /** How a mission ended. */
    enum Outcome {
        COMPLETED(MissionStatus.COMPLETED),
        FAILED(MissionStatus.FAILED),
        CANCELLED(MissionStatus.CANCELLED);

        private final MissionStatus status;

        Outcome(MissionStatus status) {
            this.status = status;
        }
    }

    /**
     * As it was stored.
     *
     * @throws IllegalStateException when a time is missing that the status demands
     */
    static MissionState of(
            MissionStatus status, @Nullable Instant startedAt, @Nullable Instant endedAt) {
        return switch (status) {
            case DRAFT -> new Draft();
            case ACTIVE -> new Active(required(startedAt));
            case PAUSED -> new Paused(required(startedAt));
            case COMPLETED -> new Ended(Outcome.COMPLETED, required(startedAt), required(endedAt));
            case FAILED -> new Ended(Outcome.FAILED, required(startedAt), required(endedAt));
            case CANCELLED -> new Ended(Outcome.CANCELLED, required(startedAt), required(endedAt));
            case ARCHIVED -> new Archived(startedAt, endedAt);
        };
    }

    private static Instant required(@Nullable Instant time) {
        if (time == null) {
            throw new IllegalStateException("a mission is stored without a time that it must have");
        }
        return time;
    }
}
