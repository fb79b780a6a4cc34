package dev.wingman.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What all recordings and replays may hold together. */
class MemoryTest {
    private static final int LIMIT = 1 << 20;
    private static final String OK = "HTTP/1.1 200 OK\nContent-Length: 2\n\nok";
    private static final String GET = "GET / HTTP/1.1\nHost: a\nConnection: close\n\n";

    @TempDir private Path folder;

    private static Rig limited(Rig.Setup setup) {
        return setup.limits(limits -> Rig.maxMemory(limits, LIMIT)).start();
    }

    private static void nothingIsHeld(Rig rig) {
        Rig.until(() -> rig.recorder().heldBytes() == 0 && rig.recorder().inFlight() == 0);
    }

    @Test
    void sharesAreBoundedTogetherAndGiveEverythingBack() {
        var memory = new Memory(100);
        try (var one = memory.share();
                var two = memory.share()) {
            assertThat(one.resize(60)).isTrue();
            assertThat(two.resize(41)).isFalse();
            assertThat(two.resize(40)).isTrue();
            assertThat(memory.isFull()).isTrue();
            assertThat(one.resize(10)).isTrue();
            assertThat(memory.held()).isEqualTo(50);
            two.set(200);
            assertThat(memory.held()).isEqualTo(210);
        }
        assertThat(memory.held()).isZero();
    }

    @Test
    void whatStaysTakesHalfOfItAtMost() {
        var memory = new Memory(100);

        assertThat(memory.tryKeep(50)).isTrue();
        assertThat(memory.tryKeep(1)).isFalse();
        memory.letGo(10);

        assertThat(memory.tryKeep(10)).isTrue();
        assertThat(memory.held()).isEqualTo(50);
        assertThat(memory.isFull()).isFalse();
    }

    private static String posting(int length) {
        return "POST / HTTP/1.1\nHost: a\nContent-Type: application/json\nContent-Length: "
                + length
                + "\n\n";
    }

    @Test
    void whoComesWhenItIsFullIsAskedToTryLater() {
        try (var target = RawTarget.saying(OK);
                Rig rig = limited(Rig.recording(folder, target.port()))) {
            assertThat(Raw.exchange(rig, GET)).endsWith("ok");
            nothingIsHeld(rig);
            try (var large = new Raw(rig)) {
                large.send(posting(LIMIT + 1)).send(new byte[LIMIT]);
                Rig.until(() -> rig.recorder().heldBytes() == LIMIT);

                assertThat(Raw.exchange(rig, GET))
                        .contains(" 503 ", "Retry-After: 1", "wingman.recorder.max-memory");
            }
            nothingIsHeld(rig);
            assertThat(Raw.exchange(rig, GET)).endsWith("ok");
            assertThat(rig.recorder().memoryRefusals()).isOne();
            nothingIsHeld(rig);
        }
    }

    @Test
    void aBodyThatCannotBeHeldIsRefusedOnReplay() {
        try (Rig rig = limited(Rig.replaying(folder))) {
            try (var large = new Raw(rig)) {
                large.send(posting(2 * LIMIT)).send(new byte[2 * LIMIT]);

                assertThat(large.rest()).contains(" 503 ", "wingman.recorder.max-memory");
            }
            nothingIsHeld(rig);
        }
    }

    /** That cannot be compressed. */
    private static byte[] zipped(int bytes) throws IOException {
        byte[] noise = new byte[bytes];
        new SplittableRandom(3).nextBytes(noise);
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(noise);
        }
        return out.toByteArray();
    }

    @Test
    void anAnswerThatCannotBeHeldIsPassedOnAndNotRecorded() throws IOException {
        byte[] body = zipped(2 * LIMIT);
        String head =
                "HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: " + body.length + "\n\n";
        try (var target =
                        new RawTarget((request, _, out) -> {
                            boolean large = request.path().equals("/large");
                            out.write(RawTarget.http(large ? head : OK));
                            out.write(large ? body : new byte[0]);
                        });
                Rig rig = limited(Rig.recording(folder, target.port()))) {
            String live = Raw.exchange(rig, GET.replace("/ ", "/large "));

            assertThat(live).endsWith(new String(body, StandardCharsets.ISO_8859_1));
            assertThat(rig.recorder().counters().notRecorded()).isOne();
            assertThat(rig.recorder().memoryRefusals()).isOne();
            assertThat(Raw.exchange(rig, GET)).endsWith("ok");
            Rig.until(() -> rig.recorder().counters().recorded() == 1);
            nothingIsHeld(rig);
        }
    }

    /** Many times the limit goes through: whoever writes waits for the disk. */
    @Test
    void anAnswerOfAnySizeIsRecordedPieceByPiece() {
        int size = 30 * LIMIT;
        String answer = "HTTP/1.1 200 OK\nContent-Length: " + size + "\n\n" + "x".repeat(size);
        try (var target = RawTarget.saying(answer);
                Rig rig = limited(Rig.recording(folder, target.port()))) {
            assertThat(Raw.exchange(rig, GET)).hasSizeGreaterThan(size);
            Rig.until(() -> rig.recorder().counters().recorded() == 1);
            nothingIsHeld(rig);
            assertThat(rig.recorder().memoryRefusals()).isZero();
        }

        try (Rig rig = limited(Rig.replaying(folder))) {
            assertThat(Raw.exchange(rig, GET)).hasSizeGreaterThan(size);
            Rig.until(() -> rig.recorder().inFlight() == 0);
            long index = rig.recorder().heldBytes();
            rig.recorder().shelf().close();

            assertThat(index).isPositive().isLessThan(100_000);
            assertThat(rig.recorder().heldBytes()).isZero();
        }
    }

    @Test
    void anIndexThatDoesNotFitIsToldOf() {
        try (var target = RawTarget.saying("HTTP/1.1 204 No Content\n\n");
                Rig rig = limited(Rig.recording(folder, target.port()));
                var client = new Raw(rig)) {
            for (int i = 0; i < 1400; i++) {
                client.send("GET /" + i + " HTTP/1.1\nHost: a\n\n").until("\r\n\r\n");
            }
        }

        try (Rig rig = limited(Rig.replaying(folder))) {
            assertThat(Raw.exchange(rig, GET)).contains(" 503 ", "wingman.recorder.max-memory");
            assertThat(rig.recorder().heldBytes()).isZero();
        }
    }
}
