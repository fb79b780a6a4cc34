package dev.wingman.recorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bodies that must be inflated to be searched, which takes long. */
class CompressedBodyTest {
    private static final Redaction REDACTION =
            new Redaction(List.of("needle"), List.of(), List.of("token"));

    @TempDir private Path folder;

    private static byte[] gzip(byte[] plain) throws IOException {
        var out = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(plain);
        }
        return out.toByteArray();
    }

    private static byte[] gzip(String plain) throws IOException {
        return gzip(plain.getBytes(StandardCharsets.UTF_8));
    }

    /** In pieces of this size; what comes out, a piece each. */
    private static List<byte[]> pass(String encoding, byte[] body, int size) throws IOException {
        var compressed = new CompressedBody(encoding);
        for (int at = 0; at < body.length; at += size) {
            compressed.add(Arrays.copyOfRange(body, at, Math.min(body.length, at + size)), at);
        }
        List<byte[]> pieces = new ArrayList<>();
        compressed.pass(REDACTION, "application/json", (_, piece) -> pieces.add(piece));
        return pieces;
    }

    @Test
    void aBodyWithoutSecretsKeepsItsBytesAndPieces() throws IOException {
        byte[] body = gzip("{\"max_tokens\":1}");

        List<byte[]> pieces = pass("gzip", body, 7);

        assertThat(pieces).hasSize((body.length + 6) / 7);
        assertThat(pieces.getFirst()).isEqualTo(Arrays.copyOf(body, 7));
    }

    @Test
    void aBodyWithASecretIsCompressedAnew() throws IOException {
        List<byte[]> pieces = pass("gzip", gzip("{\"token\":\"x\",\"a\":\"needle\"}"), 5);

        assertThat(pieces).hasSize(1);
        try (var in = new GZIPInputStream(new ByteArrayInputStream(pieces.getFirst()))) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("{\"token\":\"REDACTED\",\"a\":\"REDACTED\"}");
        }
    }

    @Test
    void severalMembersOfGzipAreOneBody() throws IOException {
        var members = new ByteArrayOutputStream();
        members.writeBytes(gzip("{\"a\":\"nee"));
        members.writeBytes(gzip("dle\"}"));

        List<byte[]> pieces = pass("gzip", members.toByteArray(), 1000);

        try (var in = new GZIPInputStream(new ByteArrayInputStream(pieces.getFirst()))) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("{\"a\":\"REDACTED\"}");
        }
    }

    @Test
    void whatCannotBeSearchedIsRefused() throws IOException {
        byte[] body = gzip("{}");
        byte[] hidden = Arrays.copyOf(body, body.length + 100);
        var zlib = new ByteArrayOutputStream();
        try (var out = new DeflaterOutputStream(zlib)) {
            out.write('x');
        }
        zlib.write('y');

        assertThatThrownBy(() -> pass("gzip", hidden, 10)).hasMessageContaining("behind its end");
        assertThatThrownBy(() -> pass("deflate", zlib.toByteArray(), 10))
                .hasMessageContaining("behind its end");
        assertThatThrownBy(() -> pass("br", body, 10)).hasMessageContaining("not known");
        assertThatThrownBy(() -> pass("gzip", Arrays.copyOf(body, body.length - 9), 10))
                .isInstanceOf(IOException.class);
        byte[] bomb = gzip(new byte[CompressedBody.MAX_INFLATED_BYTES + 1]);
        assertThatThrownBy(() -> pass("gzip", bomb, 10_000)).hasMessageContaining("inflates");
        byte[] large = new byte[CompressedBody.MAX_BYTES + 1];
        assertThatThrownBy(() -> pass("gzip", large, 1 << 20)).hasMessageContaining("more than");
    }

    private static String post(String path, byte[] gzip) {
        String head =
                "POST "
                        + path
                        + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Encoding: gzip\r\n"
                        + "Content-Type: application/json\r\nContent-Length: "
                        + gzip.length
                        + "\r\n\r\n";
        return head + new String(gzip, StandardCharsets.ISO_8859_1);
    }

    private static Raw send(Rig rig, String request) {
        return new Raw(rig).send(request.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    }

    /** With nobody to inflate, everything goes on but the recording of what is compressed. */
    @Test
    void inflatingHoldsNobodyUpAndKeepsTheOrder() throws IOException {
        byte[] answer = gzip("{\"token\":\"x\"}");
        var free = new CountDownLatch(1);
        try (var target =
                        new RawTarget((request, _, out) -> {
                            String head =
                                    "HTTP/1.1 200 OK\n"
                                            + "Content-Encoding: gzip\n"
                                            + "Content-Length: "
                                            + answer.length
                                            + "\n\n";
                            out.write(
                                    request.path().equals("/plain")
                                            ? RawTarget.http("HTTP/1.1 204 No Content\n\n")
                                            : RawTarget.http(head));
                            out.write(request.path().equals("/plain") ? new byte[0] : answer);
                        });
                Rig rig = Rig.recording(folder, target.port()).start()) {
            rig.occupyWorkers(free);
            assertThat(send(rig, post("/gzip", gzip("{}"))).rest()).startsWith("HTTP/1.1 200");
            assertThat(send(rig, get("/plain")).rest()).startsWith("HTTP/1.1 204");
            Rig.until(() -> rig.recorder().counters().recorded() == 1);
            assertThat(rig.lifecycle().inFlightCount()).as("a stop waits for it").isOne();

            free.countDown();
            Rig.until(() -> rig.recorder().counters().recorded() == 2);
            Rig.until(() -> rig.recorder().inFlight() == 0);
        }

        try (Rig rig = Rig.replaying(folder).start()) {
            assertThat(rig.recorder().shelf().unused(RecordingName.DEFAULT, 9))
                    .extracting(Shelf.Unused::target)
                    .containsExactly("/gzip", "/plain");
        }
    }

    @Test
    void aReplayInflatesWhatItIsAskedToo() throws IOException {
        try (var target = RawTarget.saying("HTTP/1.1 200 OK\nContent-Length: 2\n\nok");
                Rig rig = Rig.recording(folder, target.port()).start()) {
            send(rig, post("/gzip", gzip("{\"token\":\"one\"}"))).rest();
        }

        var free = new CountDownLatch(1);
        try (Rig rig = Rig.replaying(folder).start()) {
            rig.occupyWorkers(free);
            Raw asked = send(rig, post("/gzip", gzip("{\"token\":\"another\"}")));
            Rig.until(() -> rig.recorder().inFlight() == 1);
            assertThat(send(rig, get("/health")).rest()).startsWith("HTTP/1.1 200");

            free.countDown();
            assertThat(asked.rest()).startsWith("HTTP/1.1 200");
        }
    }
}
