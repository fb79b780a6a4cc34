package dev.wingman;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.WireClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Watches the system calls of the packaged server: {@code kill -9} leaves the page cache alone and
 * so cannot tell whether a write had reached the disk.
 */
class AckAfterFsyncIT {
    private static final int WRITES = 50;

    /** Names the files behind descriptors, shows the beginning of what is written. */
    private static final List<String> STRACE =
            List.of(
                    "strace",
                    "-D", // the server is our child and strace its own
                    "-f",
                    "-y",
                    "-s",
                    "48",
                    "--seccomp-bpf",
                    "-e",
                    "trace=fdatasync,fsync,write,writev,sendto,sendmsg");

    /** A line, the thread it is of, and the call: begun, ended or both. */
    private static final Pattern LINE = Pattern.compile("(\\d+) +(.*)");

    private static final Pattern LOG_WRITE = Pattern.compile("write\\(\\d+<[^>]*\\.log>.*");
    private static final Pattern LOG_SYNC = Pattern.compile("f(data)?sync\\(\\d+<[^>]*\\.log>.*");

    @Test
    void betweenAWriteAndItsAcknowledgementTheLogIsWrittenAndThenSynced(@TempDir Path folder)
            throws IOException, InterruptedException {
        Assumptions.assumeTrue(canTrace(), "this needs a strace that may trace its children");
        Path trace = folder.resolve("trace");
        List<String> launcher = new ArrayList<>(STRACE);
        launcher.addAll(List.of("-o", trace.toString()));

        try (ServerProcess server = ServerProcess.in(folder).through(launcher).start();
                WireClient client = WireClient.connect(server.webSocketUrl("/ws"))) {
            int before = steps(trace).length();
            for (int i = 1; i <= WRITES; i++) {
                client.send(put(i));
                client.next("OP_ACK");
            }
            await().until(() -> steps(trace).chars().filter(step -> step == 'a').count() == WRITES);

            assertThat(steps(trace).substring(before))
                    .as("w: the log is written; s: its sync begins; e: that ends; a: an OP_ACK")
                    .matches("([^a]*w[^a]*s[^a]*e[^a]*a){" + WRITES + "}");
        }
    }

    private static boolean canTrace() throws InterruptedException {
        List<String> command = new ArrayList<>(STRACE);
        command.add("true");
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static String put(int number) {
        return """
        {"type": "CLIENT_OP", "payload": {"id": "%d", "mapName": "m", "key": "k%d",
         "opType": "PUT", "record": {"value": %d,
         "timestamp": {"millis": 1700000000000, "counter": %d, "nodeId": "n"}}}}
        """
                .formatted(number, number, number, number);
    }

    /** One letter for each step of interest, in the order of the calls. */
    private static String steps(Path trace) throws IOException {
        var steps = new StringBuilder();
        List<String> syncing = new ArrayList<>();
        for (String line : Files.readAllLines(trace)) {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                steps.append(step(matcher.group(1), matcher.group(2), syncing));
            }
        }
        return steps.toString();
    }

    /**
     * @param syncing threads in a sync of the log that has not ended
     */
    private static String step(String thread, String call, List<String> syncing) {
        if (call.contains("OP_ACK")) {
            return "a";
        }
        if (LOG_WRITE.matcher(call).matches()) {
            return "w";
        }
        boolean ended = call.endsWith(" = 0");
        if (LOG_SYNC.matcher(call).matches()) {
            if (!ended) {
                syncing.add(thread);
            }
            return ended ? "se" : "s";
        }
        return ended && call.contains("sync resumed>") && syncing.remove(thread) ? "e" : "";
    }
}
