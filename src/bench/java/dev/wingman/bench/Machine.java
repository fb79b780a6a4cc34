package dev.wingman.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the figures were measured on. */
final class Machine {
    private static final Pattern MODEL = Pattern.compile("model name\\s*:\\s*(.+)");
    private static final Pattern MEMORY_KIB = Pattern.compile("MemTotal:\\s*(\\d+) kB");
    private static final Pattern CPU_TICKS = Pattern.compile("cpu ([ \\d]+)");

    /** Columns of /proc/stat; guests are counted as users before. */
    private static final int TICKS_IDLE = 3;

    private static final int TICKS_WAITING = 4;
    private static final int TICKS_OF_GUESTS = 8;

    /** The kernel counts in hundredths of a second whatever its own clock does. */
    private static final int MILLIS_PER_TICK = 10;

    private static final int KIB_PER_GIB = 1 << 20;

    private Machine() {}

    static String describe() throws IOException {
        return "%d cores, %d GiB, %s, Linux %s, JDK %s, load %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        Long.parseLong(first(MEMORY_KIB, "/proc/meminfo")) / KIB_PER_GIB,
                        first(MODEL, "/proc/cpuinfo"),
                        System.getProperty("os.version"),
                        Runtime.version(),
                        Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0]);
    }

    /** Time that all cores together were not idle since the machine started. */
    static Duration busy() throws IOException {
        String[] ticks = first(CPU_TICKS, "/proc/stat").strip().split(" +", -1);
        long busy = 0;
        for (int i = 0; i < TICKS_OF_GUESTS; i++) {
            busy += i == TICKS_IDLE || i == TICKS_WAITING ? 0 : Long.parseLong(ticks[i]);
        }
        return Duration.ofMillis(busy * MILLIS_PER_TICK);
    }

    private static String first(Pattern pattern, String file) throws IOException {
        Matcher matcher = pattern.matcher(Files.readString(Path.of(file)));
        return matcher.find() ? matcher.group(1) : "0";
    }
}
