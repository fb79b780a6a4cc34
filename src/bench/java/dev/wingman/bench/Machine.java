package dev.wingman.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the figures were measured on. */
final class Machine {
    private static final Pattern MODEL = Pattern.compile("model name\\s*:\\s*(.+)");
    private static final Pattern MEMORY_KIB = Pattern.compile("MemTotal:\\s*(\\d+) kB");
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

    private static String first(Pattern pattern, String file) throws IOException {
        Matcher matcher = pattern.matcher(Files.readString(Path.of(file)));
        return matcher.find() ? matcher.group(1) : "0";
    }
}
