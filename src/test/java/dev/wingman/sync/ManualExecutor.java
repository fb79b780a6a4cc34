package dev.wingman.sync;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/** Runs a task when the test says so, in order. */
final class ManualExecutor implements Executor {
    private final Queue<Runnable> tasks = new ArrayDeque<>();

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    int waiting() {
        return tasks.size();
    }

    void runNext() {
        tasks.remove().run();
    }

    /** What is there now, and what that leads to. */
    void runAll() {
        while (!tasks.isEmpty()) {
            runNext();
        }
    }
}
