package dev.wingman.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs the scenarios one after the other and prints one table.
 *
 * <p>Arguments: the packaged server, its flags in one word, and the scenarios to run; none stands
 * for all. What the servers stored and logged is kept when something fails.
 */
final class Bench {
    /** Something hangs: better no figures than a machine that stays busy. */
    private static final Duration LIMIT = Duration.ofMinutes(14);

    /** On the disk of the sources, since the folder for temporary files may be in memory. */
    private static final Path DIRECTORY = Path.of("target", "bench");

    private static final Duration DISK = Duration.ofSeconds(2);

    private static final List<Scenario> SCENARIOS =
            List.of(
                    new StartScenario(),
                    new IdleScenario(),
                    new ConnectScenario(),
                    new WriteScenario(),
                    new FanOutScenario(),
                    new RequestScenario(),
                    new RestScenario(),
                    new RecorderScenario());

    private Bench() {}

    public static void main(String... args) throws IOException, InterruptedException {
        Thread.ofPlatform().daemon().start(Bench::stopAtLimit);
        Path executable = Path.of(args[0]).toAbsolutePath();
        List<String> jvmFlags = words(args[1]);
        List<String> only = words(args[2]);
        Files.createDirectories(DIRECTORY);
        Path directory = Files.createTempDirectory(DIRECTORY, "run-");
        long began = System.nanoTime();
        String machine = Machine.describe();
        say(began, "fdatasync");
        String disk = "fdatasync after an append of 4 KiB: " + Disk.fdatasync(directory, DISK);
        List<Row> rows = new ArrayList<>();
        for (Scenario scenario : SCENARIOS) {
            if (only.isEmpty() || only.contains(scenario.name())) {
                say(began, scenario.name());
                rows.addAll(
                        scenario.run(
                                new Workplace(
                                        executable, directory.resolve(scenario.name()), jvmFlags)));
            }
        }
        say(began, "done");
        System.out.printf(
                "%n%s%n%s%nserver flags: %s%n%n%s",
                machine, disk, jvmFlags.isEmpty() ? "none" : args[1], Table.of(rows));
        Disk.delete(directory);
    }

    private static List<String> words(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
    }

    private static void say(long began, String what) {
        long seconds = Duration.ofNanos(System.nanoTime() - began).toSeconds();
        System.out.printf("[%3d s] %s%n", seconds, what);
    }

    private static void stopAtLimit() {
        try {
            Thread.sleep(LIMIT);
        } catch (InterruptedException _) {
            return;
        }
        System.err.println("not done after " + LIMIT + ": giving up");
        System.exit(1); // the servers end with us
    }
}
