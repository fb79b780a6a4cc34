package dev.wingman;

import java.time.Instant;

/** When the operating system started this process. */
final class ProcessStart {
    static final Instant INSTANT =
            ProcessHandle.current().info().startInstant().orElseGet(Instant::now);

    private ProcessStart() {}
}
