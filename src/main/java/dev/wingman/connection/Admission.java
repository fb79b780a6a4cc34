package dev.wingman.connection;

import dev.wingman.lifecycle.HealthState;
import java.time.Duration;

/** Answer to who wants to connect. A refusal is ordinary, and says when to come back. */
public sealed interface Admission {
    record Admitted() implements Admission {}

    record Refused(Reason reason, Duration retryAfter) implements Admission {}

    /** Why not. */
    enum Reason {
        DRAINING(Duration.ofSeconds(1)),
        STARTING(Duration.ofSeconds(1)),
        /**
         * Longer: room comes as clients leave, and all who were refused would come back at once.
         */
        FULL(Duration.ofSeconds(5));

        private final Duration retryAfter;

        Reason(Duration retryAfter) {
            this.retryAfter = retryAfter;
        }

        private Refused refused() {
            return new Refused(this, retryAfter);
        }
    }

    /** There is nothing yet that could serve a client. */
    static Admission starting() {
        return Reason.STARTING.refused();
    }

    /** There will be nobody to serve a client. */
    static Admission draining() {
        return Reason.DRAINING.refused();
    }

    /**
     * While DRAINING has only begun, clients are still sent here by load balancers that have not
     * heard of it. They are served until the doors close, so that none is refused without need.
     *
     * @param doorsOpen false once {@code drain-delay} has passed
     */
    static Admission decide(HealthState state, boolean doorsOpen, int open, int maxConnections) {
        return switch (state) {
            case STARTING -> Reason.STARTING.refused();
            case READY, DRAINING -> {
                if (!doorsOpen) {
                    yield Reason.DRAINING.refused();
                }
                yield open < maxConnections ? new Admitted() : Reason.FULL.refused();
            }
            case STOPPED -> Reason.DRAINING.refused();
        };
    }
}
