package dev.wingman.sync.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;

/**
 * Everything that happens in a simulation: lanes of tasks, each in its order, of which a seed picks
 * the one that moves next.
 */
final class Scheduler {
    /** More than any run needs to come to rest. */
    private static final int MAX_STEPS = 500_000;

    private final SplittableRandom random;
    private final SimulatedTime time;
    private final StringBuilder trace;
    private final List<Lane> lanes = new ArrayList<>();
    private int steps;

    Scheduler(SplittableRandom random, SimulatedTime time, StringBuilder trace) {
        this.random = random;
        this.time = time;
        this.trace = trace;
    }

    /** What a thread, or one direction of a socket, is in the real world. */
    static final class Lane implements Executor {
        private final String name;
        private final Deque<Runnable> tasks = new ArrayDeque<>();
        private boolean held;
        private boolean ended;

        private Lane(String name) {
            this.name = name;
        }

        @Override
        public void execute(Runnable task) {
            if (!ended) {
                tasks.add(task);
            }
        }

        /** Keeps its tasks back until it is told otherwise. */
        void hold(boolean back) {
            held = back;
        }

        /** All but the first so many tasks are lost. */
        void cutTo(int kept) {
            while (tasks.size() > kept) {
                tasks.removeLast();
            }
        }

        int length() {
            return tasks.size();
        }

        /** Nothing more happens on it. */
        void end() {
            tasks.clear();
            ended = true;
        }

        private boolean isReady() {
            return !held && !tasks.isEmpty();
        }
    }

    Lane lane(String name) {
        var lane = new Lane(name);
        lanes.add(lane);
        return lane;
    }

    /**
     * Runs one task.
     *
     * @return false when there is none
     */
    boolean step() {
        lanes.removeIf(lane -> lane.ended);
        List<Lane> ready = new ArrayList<>(lanes.size());
        for (Lane lane : lanes) {
            if (lane.isReady()) {
                ready.add(lane);
            }
        }
        if (ready.isEmpty()) {
            return false;
        }
        if (++steps > MAX_STEPS) {
            throw new AssertionError("the simulation does not come to rest");
        }
        Lane next = ready.get(random.nextInt(ready.size()));
        time.pass(random.nextInt(3));
        trace.append(time.millis()).append(' ').append(next.name).append('\n');
        next.tasks.remove().run();
        return true;
    }

    void run(int most) {
        for (int i = 0; i < most && step(); i++) {
            // step does it all
        }
    }

    /** Until nothing is left to do. */
    void settle() {
        run(Integer.MAX_VALUE);
    }
}
