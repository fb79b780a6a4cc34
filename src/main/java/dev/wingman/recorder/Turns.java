package dev.wingman.recorder;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Lets things happen in the order in which they were announced, although some of them take longer
 * to become ready. Thread-safe.
 */
final class Turns {
    @GuardedBy("this")
    private final Queue<Turn> waiting = new ArrayDeque<>();

    /** A place in the order. It must be used or passed in the end: others wait behind it. */
    final class Turn {
        /** Read and written under the lock of the turns. */
        private @Nullable Runnable action;

        /**
         * Runs the action once all before have had their turn: now, or later in the thread of the
         * last of them.
         *
         * @param ready must not block
         */
        void run(Runnable ready) {
            synchronized (Turns.this) {
                action = ready;
                goOn();
            }
        }

        /** Nothing happens here. */
        void pass() {
            run(() -> {});
        }
    }

    synchronized Turn take() {
        var turn = new Turn();
        waiting.add(turn);
        return turn;
    }

    private synchronized void goOn() {
        while (!waiting.isEmpty()) {
            Runnable action = waiting.element().action;
            if (action == null) {
                return;
            }
            waiting.remove();
            action.run();
        }
    }

    /** Those that are not ready lose their turn; the others have theirs now. */
    synchronized void skip() {
        waiting.removeIf(turn -> turn.action == null);
        goOn();
    }
}
