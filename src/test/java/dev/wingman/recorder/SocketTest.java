package dev.wingman.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.recorder.RecorderOptions.OnMiss;
import dev.wingman.recorder.RecorderOptions.Replay;
import dev.wingman.recorder.RecorderOptions.SocketMatch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** WebSockets, frame by frame. */
class SocketTest {
    /** The key of RFC 6455 and what it is answered with. */
    private static final String UPGRADE =
            """
            GET /chat?room=1 HTTP/1.1
            Host: a
            Upgrade: websocket
            Connection: Upgrade
            Sec-WebSocket-Version: 13
            Sec-WebSocket-Protocol: v2
            Sec-WebSocket-Extensions: permessage-deflate
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==

            """;

    private static final byte[] SWITCHING =
            RawTarget.http(
                    """
                    HTTP/1.1 101 Switching Protocols
                    Upgrade: websocket
                    Connection: Upgrade
                    Sec-WebSocket-Protocol: v2
                    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=

                    """);

    private static final int FIN = FrameReader.FINAL;

    @TempDir private Path folder;

    /** As a client sends it. */
    private static byte[] masked(int firstByte, byte[] payload) {
        byte[] plain = FrameReader.unmasked(firstByte, payload);
        int header = plain.length - payload.length;
        byte[] mask = {1, 2, 3, (byte) 0xf4};
        var out = new ByteArrayOutputStream();
        out.write(plain, 0, 1);
        out.write(plain[1] | 0x80);
        out.write(plain, 2, header - 2);
        out.writeBytes(mask);
        for (int i = 0; i < payload.length; i++) {
            out.write(payload[i] ^ mask[i & 3]);
        }
        return out.toByteArray();
    }

    private static byte[] masked(int firstByte, String payload) {
        return masked(firstByte, payload.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] unmasked(int firstByte, String payload) {
        return FrameReader.unmasked(firstByte, payload.getBytes(StandardCharsets.UTF_8));
    }

    /** Reads whole frames of a client until one has come that ends a message. */
    private static String message(InputStream in) throws IOException {
        var message = new ByteArrayOutputStream();
        List<Integer> firsts = new ArrayList<>();
        var reader =
                new FrameReader(
                        1 << 20,
                        (first, payload) -> {
                            firsts.add(first);
                            if (!FrameReader.isControl(first) || FrameReader.opcode(first) == 8) {
                                message.writeBytes(payload);
                            }
                        });
        while (firsts.isEmpty()
                || (firsts.getLast() & FIN) == 0
                || FrameReader.opcode(firsts.getLast()) >= FrameReader.PING) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("closed");
            }
            reader.read(new byte[] {(byte) next});
        }
        return message.toString(StandardCharsets.UTF_8);
    }

    /** Fragments with a ping between them, binary, empty frames, a close without a code. */
    private static RawTarget talkative() {
        return new RawTarget((request, connection, out) -> {
            out.write(SWITCHING);
            write(out, unmasked(1, "Hel"));
            write(out, unmasked(FIN | FrameReader.PING, "still there?"));
            write(out, unmasked(0, ""));
            write(out, unmasked(FIN, "lo"));
            String asked = message(request.rest());
            write(out, unmasked(FIN | 1, "you said " + asked));
            write(out, FrameReader.unmasked(FIN | 2, new byte[70_000]));
            write(out, unmasked(FIN | 2, ""));
            message(request.rest());
            write(out, FrameReader.unmasked(FIN | FrameReader.CLOSE, new byte[0]));
            message(request.rest());
            connection.close();
        });
    }

    private static void write(OutputStream out, byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    /** Says its part to the end; what came from the other side. */
    private static String talk(Rig rig) {
        try (var client = new Raw(rig)) {
            client.send(UPGRADE);
            String all = client.until("lo");
            client.send(masked(FIN | FrameReader.PONG, "still there?"));
            client.send(masked(1, "a ques"));
            client.send(masked(FIN, "tion"));
            all += client.until("a question");
            all += new String(client.read(70_010), StandardCharsets.ISO_8859_1);
            all += new String(client.read(2), StandardCharsets.ISO_8859_1);
            client.send(masked(FIN | 2, new byte[] {0, (byte) 0xff}));
            all += new String(client.read(2), StandardCharsets.ISO_8859_1);
            client.send(masked(FIN | FrameReader.CLOSE, new byte[0]));
            return all + client.rest();
        }
    }

    @Test
    void everyFrameComesAgain() {
        String live;
        try (var target = talkative();
                Rig rig = Rig.recording(folder, target.port()).start()) {
            live = talk(rig);
            assertThat(target.requests().getFirst().head()).doesNotContain("permessage-deflate");
        }

        try (Rig rig = Rig.replaying(folder).start()) {
            assertThat(talk(rig)).isEqualTo(live);
            assertThat(rig.recorder().counters().socketMismatches()).isZero();
        }
        assertThat(live).contains("101 Switching", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "v2");
        assertThat(live).endsWith("\u0088\u0000");
    }

    @Test
    void theKeyOfTheReplayIsAnswered() {
        try (var target = talkative();
                Rig rig = Rig.recording(folder, target.port()).start()) {
            talk(rig);
        }

        try (Rig rig = Rig.replaying(folder).start();
                var client = new Raw(rig)) {
            client.send(UPGRADE.replace("dGhlIHNhbXBsZSBub25jZQ==", "x3JJHMbDL1EzLkh9GBhXDw=="));
            assertThat(client.until("\r\n\r\n")).contains("HSmrc0sMlYUkAGmm5OPpG2HaGWk=");
        }
    }

    @Test
    void anotherMessageEndsWith1011AndSaysWhich() {
        try (var target = talkative();
                Rig rig = Rig.recording(folder, target.port()).start()) {
            talk(rig);
        }

        try (Rig rig = Rig.replaying(folder).start();
                var client = new Raw(rig)) {
            client.send(UPGRADE);
            client.until("lo");
            client.send(masked(FIN | 1, "something else"));

            assertThat(client.rest()).contains("\u0003\u00f3message 1 differs");
            assertThat(rig.recorder().counters().socketMismatches()).isOne();
        }
    }

    @Test
    void whereOnlyTheOrderCountsAnyMessageWillDo() {
        try (var target = talkative();
                Rig rig = Rig.recording(folder, target.port()).start()) {
            talk(rig);
        }

        var lenient =
                new Replay(OnMiss.FAIL, false, new ReplayTiming.Immediate(), SocketMatch.ORDER);
        try (Rig rig = Rig.replaying(folder).replay(lenient).start();
                var client = new Raw(rig)) {
            client.send(UPGRADE);
            client.until("lo");
            client.send(masked(FIN | 1, "something else"));

            assertThat(client.until("a question")).contains("you said");
        }
    }

    @Test
    void aMessageThatDoesNotComeEndsWith1011() {
        try (var target = talkative();
                Rig rig = Rig.recording(folder, target.port()).start()) {
            talk(rig);
        }

        try (Rig rig =
                        Rig.replaying(folder)
                                .limits(limits -> Rig.targetTimeout(limits, Duration.ofMillis(200)))
                                .start();
                var client = new Raw(rig)) {
            client.send(UPGRADE);

            assertThat(client.rest()).contains("\u0003\u00f3message 1 did not come");
        }
    }

    @Test
    void manySocketsAtOnceKeepApart() {
        int sockets = 20;
        try (var target = talkative();
                Rig rig = Rig.recording(folder, target.port()).start()) {
            talkAtOnce(rig, sockets);
        }

        try (Rig rig = Rig.replaying(folder).start()) {
            assertThat(talkAtOnce(rig, sockets)).hasSize(sockets).allMatch(s -> s.contains("v2"));
            assertThat(rig.recorder().counters().socketMismatches()).isZero();
        }
    }

    private static List<String> talkAtOnce(Rig rig, int sockets) {
        List<CompletableFuture<String>> talks = new ArrayList<>();
        for (int i = 0; i < sockets; i++) {
            var talk = new CompletableFuture<String>();
            Thread.ofVirtual().start(() -> talk.complete(talk(rig)));
            talks.add(talk);
        }
        return talks.stream().map(CompletableFuture::join).toList();
    }

    @Test
    void aTargetThatRefusesIsHeard() {
        String live;
        String refusal =
                """
                HTTP/1.1 403 No
                Transfer-Encoding: chunked

                2
                no
                2
                pe
                0
                X-Sum: 4

                """;
        try (var target = RawTarget.saying(refusal);
                Rig rig = Rig.recording(folder, target.port()).start()) {
            live = upgradeAndRead(rig);
        }

        try (Rig rig = Rig.replaying(folder).start()) {
            assertThat(upgradeAndRead(rig))
                    .isEqualTo(live)
                    .contains("403 No", "2\r\nno\r\n2\r\npe\r\n");
        }
    }

    private static String upgradeAndRead(Rig rig) {
        try (var client = new Raw(rig)) {
            return client.send(UPGRADE).until("X-Sum: 4\r\n\r\n");
        }
    }

    @Test
    void aSocketHoldsItsConnectionPermitUntilItCloses() {
        try (var target = talkative();
                Rig rig =
                        Rig.recording(folder, target.port())
                                .limits(limits -> Rig.maxConnections(limits, 1))
                                .start()) {
            try (var client = new Raw(rig)) {
                client.send(UPGRADE).until("lo");

                assertThat(Raw.exchange(rig, "GET / HTTP/1.1\nHost: a\n\n")).contains(" 503 ");
                assertThat(rig.recorder().connections()).isOne();
            }
            Rig.until(() -> rig.recorder().connections() == 0);
        }
    }

    @Test
    void aStopClosesSocketsWith1012() {
        try (var target = talkative();
                Rig rig = Rig.recording(folder, target.port()).start();
                var client = new Raw(rig)) {
            client.send(UPGRADE).until("lo");

            rig.lifecycle().triggerShutdown();
            rig.recorder().drain();

            assertThat(client.rest()).contains("\u0088\u0002\u0003\u00f4");
        }
    }

    /** Two frames of one message, cut at this byte, and a ping between them. */
    private static byte[] cut(String text, int at, Masking masking) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(masking.frame(FrameReader.BINARY, "x" + text.substring(0, at)));
        out.writeBytes(masking.frame(FIN | FrameReader.PING, text));
        out.writeBytes(masking.frame(FIN, text.substring(at) + "y"));
        return out.toByteArray();
    }

    private interface Masking {
        byte[] frame(int firstByte, String payload);
    }

    @Test
    void aCanaryInFramesOfBothSidesIsCutAtEveryByteAndInNoByteOfTheFolder() throws IOException {
        String canary = "c4n4ry/secret";
        try (var target =
                        new RawTarget((request, connection, out) -> {
                            out.write(SWITCHING);
                            for (int at = 0; at <= canary.length(); at++) {
                                message(request.rest());
                                write(out, cut(canary, at, SocketTest::unmasked));
                            }
                            write(out, closing(canary));
                            message(request.rest());
                            connection.close();
                        });
                Rig rig = Rig.recording(folder, target.port()).secrets(canary).start();
                var client = new Raw(rig)) {
            client.send(UPGRADE).until("\r\n\r\n");
            for (int at = 0; at <= canary.length(); at++) {
                byte[] message = cut(canary, at, SocketTest::masked);
                for (byte each : message) {
                    client.send(new byte[] {each}); // borders of TCP are none of WebSocket
                }
                byte[] answer = cut(canary, at, SocketTest::unmasked);
                assertThat(client.read(answer.length)).isEqualTo(answer);
            }
            assertThat(client.read(closing(canary).length)).isEqualTo(closing(canary));
            client.send(masked(FIN | FrameReader.CLOSE, new byte[0])).rest();
        }

        Path file = onlyFile();
        TapeFile read = TapeFile.read(file);
        assertThat(read.interactions()).hasSize(1);
        // Each side: two frames and a ping for each cut, and a close.
        assertThat(read.interactions().getFirst().answerAt())
                .hasSize(2 * (3 * (canary.length() + 1) + 1) + 2);
        assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                .contains("REDACTED")
                .doesNotContain("c4n4ry")
                .doesNotContain("secret");
    }

    private static byte[] closing(String reason) {
        var payload = new ByteArrayOutputStream();
        payload.writeBytes(new byte[] {(byte) 0x03, (byte) 0xe8});
        payload.writeBytes(reason.getBytes(StandardCharsets.UTF_8));
        return FrameReader.unmasked(FIN | FrameReader.CLOSE, payload.toByteArray());
    }

    private Path onlyFile() throws IOException {
        try (var files = Files.list(folder.resolve("recordings"))) {
            return files.reduce(
                            (_, _) -> {
                                throw new AssertionError("more than one file");
                            })
                    .orElseThrow();
        }
    }

    @Test
    void aFrameThatCannotBeHeldIsPassedOnAndItsSocketNotRecorded() {
        byte[] large = new byte[3 << 20];
        try (var target =
                        new RawTarget((request, connection, out) -> {
                            out.write(SWITCHING);
                            write(out, FrameReader.unmasked(FIN | 2, large));
                            message(request.rest());
                            connection.close();
                        });
                Rig rig =
                        Rig.recording(folder, target.port())
                                .limits(limits -> Rig.maxMemory(limits, 1 << 20))
                                .start();
                var client = new Raw(rig)) {
            client.send(UPGRADE).until("\r\n\r\n");

            assertThat(client.read(large.length + 10)).endsWith(large);
            client.send(masked(FIN | FrameReader.CLOSE, new byte[0])).rest();
            Rig.until(() -> rig.recorder().counters().notRecorded() == 1);
            Rig.until(() -> rig.recorder().heldBytes() == 0);
        }
    }

    @Test
    void aScriptThatCannotBeHeldIsNotReplayed() {
        try (var target = talkative();
                Rig rig = Rig.recording(folder, target.port()).start()) {
            talk(rig);
        }

        try (Rig rig =
                        Rig.replaying(folder)
                                .limits(limits -> Rig.maxMemory(limits, 64 << 10))
                                .start();
                var client = new Raw(rig)) {
            assertThat(client.send(UPGRADE).until("}")).contains(" 503 ", "max-memory");
        }
    }

    @Test
    void aClientThatSendsMoreThanCanBeHeldIsAskedToTryLater() {
        try (var target = talkative();
                Rig rig = Rig.recording(folder, target.port()).start()) {
            talk(rig);
        }

        try (Rig rig =
                        Rig.replaying(folder)
                                .limits(limits -> Rig.maxMemory(limits, 1 << 20))
                                .start();
                var client = new Raw(rig)) {
            client.send(UPGRADE);
            client.until("lo");
            client.send(masked(1, new byte[600_000])).send(masked(0, new byte[600_000]));

            assertThat(client.rest()).contains("\u0003\u00f5the recorder's memory is full");
        }
    }
}
