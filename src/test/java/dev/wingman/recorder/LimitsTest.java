package dev.wingman.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens when there is too much of something. */
class LimitsTest {
    private static final String OK = "HTTP/1.1 200 OK\nContent-Length: 2\n\nok";
    private static final String GET = "GET / HTTP/1.1\nHost: a\nConnection: close\n\n";
    private static final String KEPT = "GET / HTTP/1.1\nHost: a\n\n";

    @TempDir private Path folder;

    /** Answers when the latch opens. */
    private static RawTarget waiting(CountDownLatch latch) {
        return new RawTarget((_, _, out) -> {
            latch.await();
            out.write(RawTarget.http(OK));
        });
    }

    @Test
    void theConnectionBeyondTheLimitIsRefusedAndAcceptedOnceOneCloses() {
        try (var target = RawTarget.saying(OK);
                Rig rig =
                        Rig.recording(folder, target.port())
                                .limits(limits -> Rig.maxConnections(limits, 2))
                                .start();
                var first = new Raw(rig)) {
            var second = new Raw(rig);
            first.send(KEPT).until("ok");
            second.send(KEPT).until("ok");

            assertThat(Raw.exchange(rig, KEPT))
                    .contains(" 503 ", "Retry-After: 1", "max-connections");
            second.close();
            Rig.until(() -> rig.recorder().connections() == 1);
            assertThat(Raw.exchange(rig, GET)).endsWith("ok");
            assertThat(rig.recorder().counters().connectionsRefused()).isOne();
        }
    }

    @Test
    void aConnectionBeyondTheLimitThatSaysNothingIsClosedAfterThePermitTimeout() {
        try (var target = RawTarget.saying(OK);
                Rig rig =
                        Rig.recording(folder, target.port())
                                .limits(limits ->
                                        Rig.inFlight(
                                                Rig.maxConnections(limits, 1),
                                                1,
                                                Duration.ofMillis(200)))
                                .start();
                var first = new Raw(rig)) {
            first.send(KEPT).until("ok");
            try (var silent = new Raw(rig);
                    var slow = new Raw(rig)) {
                slow.send("GET / HT");

                assertThat(silent.rest()).isEmpty();
                assertThat(slow.rest()).isEmpty();
            }
            first.send(GET);
            assertThat(first.rest()).endsWith("ok");
        }
    }

    /** With the limit that is the default, which needs two open files for each connection here. */
    @Test
    void the4097thConnectionIsRefusedAndAcceptedOnceOneCloses() throws IOException {
        int most = RecorderOptions.Limits.DEFAULTS.maxConnections();
        assumeOpenFiles(2L * most + 500);
        List<Socket> open = new ArrayList<>();
        try (var target = RawTarget.saying(OK);
                Rig rig = Rig.recording(folder, target.port()).start()) {
            for (int i = 0; i < most; i++) {
                var socket = new Socket(InetAddress.getLoopbackAddress(), rig.url("/").getPort());
                socket.setSoLinger(true, 0);
                open.add(socket);
            }
            Rig.until(() -> rig.recorder().connections() == most);

            assertThat(Raw.exchange(rig, GET)).contains(" 503 ", "Retry-After: 1", "all 4096");
            open.removeLast().close();
            Rig.until(() -> rig.recorder().connections() == most - 1);
            assertThat(Raw.exchange(rig, GET)).endsWith("ok");
            assertThat(rig.recorder().counters().connectionsRefused()).isOne();
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    private static void assumeOpenFiles(long needed) {
        var system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long free = system.getMaxFileDescriptorCount() - system.getOpenFileDescriptorCount();
        Assumptions.assumeTrue(
                free >= needed,
                "%d more files can be opened, and this needs %d: raise the limit (ulimit -n)"
                        .formatted(free, needed));
    }

    @Test
    void aConnectionWithoutARequestIsClosedAfterTheTargetTimeout() {
        try (var target = RawTarget.saying(OK);
                Rig rig =
                        Rig.recording(folder, target.port())
                                .limits(limits -> Rig.targetTimeout(limits, Duration.ofMillis(500)))
                                .start();
                var silent = new Raw(rig);
                var used = new Raw(rig)) {
            used.send(KEPT).until("ok");

            assertThat(silent.rest()).isEmpty();
            Rig.until(() -> rig.recorder().connections() == 1);
            used.send(GET);
            assertThat(used.rest()).endsWith("ok");
        }
    }

    @Test
    void exchangesBeyondTheLimitWaitThenTimeOutOrAreRefused() {
        var latch = new CountDownLatch(1);
        try (var target = waiting(latch);
                Rig rig =
                        Rig.recording(folder, target.port())
                                .limits(limits -> Rig.inFlight(limits, 1, Duration.ofMillis(300)))
                                .start();
                var running = new Raw(rig);
                var waits = new Raw(rig)) {
            running.send(GET);
            Rig.until(() -> target.requests().size() == 1);
            waits.send(GET);

            assertThat(waits.rest()).contains(" 504 ");
            latch.countDown();
            assertThat(running.rest()).endsWith("ok");
            assertThat(Raw.exchange(rig, GET)).endsWith("ok");
            Rig.until(() -> rig.recorder().inFlight() == 0);
        }
    }

    @Test
    void requestsThatWillNotDoAreAnsweredWithTheirStatus() {
        try (var target = RawTarget.saying(OK);
                Rig rig =
                        Rig.recording(folder, target.port())
                                .limits(limits -> Rig.sizes(limits, 10, 1000, 100))
                                .start()) {
            String many = "A: b\n".repeat(200);
            String eleven = "Content-Length: 11\n\n01234567890";
            assertThat(Raw.exchange(rig, "POST / HTTP/1.1\nHost: a\n" + eleven)).contains(" 413 ");
            assertThat(Raw.exchange(rig, "GET /" + "a".repeat(9000) + " HTTP/1.1\nHost: a\n\n"))
                    .contains(" 414 ", "problem+json");
            assertThat(Raw.exchange(rig, "GET / HTTP/1.1\nConnection: close\n" + many + "\n"))
                    .contains(" 431 ", "problem+json");
            assertThat(Raw.exchange(rig, "GET / HTTP/1.1\nA: " + "b".repeat(70_000) + "\n\n"))
                    .contains(" 431 ");
            assertThat(Raw.exchange(rig, "nonsense\n\n")).contains(" 400 ");
            assertThat(Raw.exchange(rig, "GET /health HTTP/1.1\nConnection: close\n\n"))
                    .contains(" 200 ", "UP");
            assertThat(target.requests()).hasSizeLessThan(2);
        }
    }

    @Test
    void aTargetThatIsNotThereOrSaysNothingIsToldOf() {
        try (Rig rig = Rig.recording(folder, 1).start()) {
            assertThat(Raw.exchange(rig, GET)).contains(" 502 ", "cannot be reached");
        }
        var latch = new CountDownLatch(1);
        try (var target = waiting(latch);
                Rig rig =
                        Rig.recording(folder, target.port())
                                .limits(limits -> Rig.targetTimeout(limits, Duration.ofMillis(200)))
                                .start()) {
            assertThat(Raw.exchange(rig, GET)).contains(" 504 ", "200 ms");
            assertThat(rig.recorder().counters().targetFailures()).isOne();
            Rig.until(() -> rig.recorder().inFlight() == 0);
            latch.countDown();
        }
    }

    /** Its head was read, and nothing of it has been said yet. */
    @Test
    void aTargetThatBreaksOffWithItsHeadIsToldOf() {
        String broken = "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\nno chunk\n";
        try (var target = RawTarget.saying(broken);
                Rig rig = Rig.recording(folder, target.port()).start()) {
            assertThat(Raw.exchange(rig, GET)).contains(" 502 ", "problem+json");
            Rig.until(() -> rig.recorder().inFlight() == 0);
        }
    }

    @Test
    void anAnswerThatIsTooLargeIsPassedOnAndNotRecorded() throws IOException {
        try (var target =
                        RawTarget.saying(
                                "HTTP/1.1 200 OK\nContent-Length: 2000\n\n" + "x".repeat(2000));
                Rig rig =
                        Rig.recording(folder, target.port())
                                .limits(limits -> Rig.sizes(limits, 10, 1000, 100))
                                .start()) {
            assertThat(Raw.exchange(rig, GET)).endsWith("x".repeat(2000));
            assertThat(rig.recorder().counters().notRecorded()).isOne();
        }
        try (Rig rig = Rig.replaying(folder).start()) {
            assertThat(rig.recorder().shelf().list().getFirst().interactions()).isZero();
        }
    }

    /** The target is made to wait: what it could write is what the buffers hold. */
    @Test
    void aClientThatStopsReadingSlowsTheTarget() throws Exception {
        var written = new AtomicLong();
        long size = 200L << 20;
        byte[] piece = new byte[64 << 10];
        try (var target =
                        new RawTarget((_, _, out) -> {
                            out.write(
                                    RawTarget.http(
                                            "HTTP/1.1 200 OK\nContent-Length: " + size + "\n\n"));
                            for (long sent = 0; sent < size; sent += piece.length) {
                                out.write(piece);
                                written.addAndGet(piece.length);
                            }
                        });
                Rig rig = Rig.recording(folder, target.port()).start();
                var client = new Socket(InetAddress.getLoopbackAddress(), rig.url("/").getPort())) {
            client.setSoTimeout(20_000);
            client.getOutputStream().write(RawTarget.http(GET));
            client.getInputStream().readNBytes(100_000);
            long before = -1;
            while (before != written.get()) {
                before = written.get();
                CompletableFuture.runAsync(
                                () -> {},
                                CompletableFuture.delayedExecutor(500, TimeUnit.MILLISECONDS))
                        .join();
            }

            assertThat(written.get()).isLessThan(40 << 20);
            byte[] buffer = new byte[1 << 16];
            long read = 100_000;
            for (int n = client.getInputStream().read(buffer);
                    n >= 0;
                    n = client.getInputStream().read(buffer)) {
                read += n;
            }
            assertThat(read).isGreaterThan(size);
        }
        try (var files = Files.list(folder.resolve("recordings"))) {
            assertThat(Files.size(files.findFirst().orElseThrow())).isGreaterThan(size);
        }
    }

    @Test
    void aTapeThatIsFullIsWrittenAtOnce() {
        int size = 40 << 20;
        try (var target =
                        RawTarget.saying(
                                "HTTP/1.1 200 OK\nContent-Length: "
                                        + size
                                        + "\n\n"
                                        + "x".repeat(size));
                Rig rig = Rig.recording(folder, target.port()).start(Duration.ofHours(1))) {
            assertThat(Raw.exchange(rig, GET)).hasSizeGreaterThan(size);
            assertThat(rig.recorder().writtenBytes()).isGreaterThan(size / 2);
        }
    }

    @Test
    void aThousandAtOnceAreAnswered() {
        try (var target = RawTarget.saying(OK);
                Rig rig = Rig.recording(folder, target.port()).start()) {
            List<CompletableFuture<String>> answers = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                answers.add(
                        CompletableFuture.supplyAsync(
                                () -> Raw.exchange(rig, GET),
                                task -> Thread.ofVirtual().start(task)));
            }

            assertThat(answers).allMatch(answer -> answer.join().endsWith("ok"));
            Rig.until(() -> rig.recorder().inFlight() == 0 && rig.recorder().connections() == 0);
            assertThat(rig.recorder().counters().recorded()).isEqualTo(1000);
        }
    }

    @Test
    void aStopFinishesWhatIsUnderWayAndRefusesWhatComes() throws Exception {
        var latch = new CountDownLatch(1);
        List<Raw> running = new ArrayList<>();
        try (var target = waiting(latch);
                Rig rig = Rig.recording(folder, target.port()).start();
                var idle = new Raw(rig)) {
            idle.send(KEPT);
            for (int i = 0; i < 9; i++) {
                running.add(new Raw(rig).send(GET));
            }
            Rig.until(() -> target.requests().size() == 10);

            rig.lifecycle().triggerShutdown();
            rig.recorder().drain();

            assertThat(Raw.exchange(rig, KEPT)).contains(" 503 ", "stopping");
            assertThat(rig.lifecycle().inFlightCount()).isEqualTo(10);
            latch.countDown();
            assertThat(rig.lifecycle().waitForDrain(Duration.ofSeconds(10))).isTrue();
            assertThat(running).allMatch(each -> each.rest().endsWith("ok"));
            assertThat(rig.recorder().inFlight()).isZero();
        } finally {
            running.forEach(Raw::close);
        }
        try (Rig rig = Rig.replaying(folder).start()) {
            assertThat(rig.recorder().shelf().list().getFirst().state()).isEqualTo("published");
            assertThat(rig.recorder().shelf().list().getFirst().interactions()).isEqualTo(10);
        }
    }
}
