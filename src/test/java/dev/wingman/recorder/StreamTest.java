package dev.wingman.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.recorder.RecorderOptions.OnMiss;
import dev.wingman.recorder.RecorderOptions.Replay;
import dev.wingman.recorder.RecorderOptions.SocketMatch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams of events, secrets on their way through, and a thousand exchanges of all kinds. */
class StreamTest {
    private static final String EVENTS =
            """
            HTTP/1.1 200 OK
            Content-Type: text/event-stream
            Transfer-Encoding: chunked

            """;
    private static final String GET = "GET /events HTTP/1.1\nHost: a\nConnection: close\n\n";

    private static final String CANARY = "c4n4ry/&secret";

    @TempDir private Path folder;

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\n" + text + "\n";
    }

    @Test
    void eventsAreSeenWhenTheyHappenAndPacedAsTheyWere() {
        var first = new CountDownLatch(1);
        var second = new CountDownLatch(1);
        var end = new CountDownLatch(1);
        try (var target =
                        new RawTarget((_, _, out) -> {
                            out.write(RawTarget.http(EVENTS));
                            first.await();
                            out.write(RawTarget.http(chunk("data: 1")));
                            second.await();
                            out.write(RawTarget.http(chunk("data: 2")));
                            end.await();
                            out.write(RawTarget.http("0\n\n"));
                        });
                Rig rig = Rig.recording(folder, target.port()).start();
                var client = new Raw(rig)) {
            client.send(GET);
            client.until("\r\n\r\n"); // the head is here while there is no event
            first.countDown();
            client.until("data: 1\r\n");
            pause();
            second.countDown();
            client.until("data: 2\r\n");
            pause();
            end.countDown();
            client.until("0\r\n\r\n");
        }

        var recorded =
                new Replay(OnMiss.FAIL, false, new ReplayTiming.AsRecorded(), SocketMatch.CONTENT);
        try (Rig rig = Rig.replaying(folder).replay(recorded).start();
                var client = new Raw(rig)) {
            client.send(GET);
            client.until("data: 1\r\n");
            long began = System.nanoTime();
            client.until("data: 2\r\n");
            long between = System.nanoTime();
            client.until("0\r\n\r\n");

            assertThat(between - began).isGreaterThan(Duration.ofMillis(200).toNanos());
            assertThat(System.nanoTime() - between).isGreaterThan(Duration.ofMillis(200).toNanos());
        }
    }

    private static void pause() {
        long end = System.nanoTime() + Duration.ofMillis(300).toNanos();
        Rig.until(() -> System.nanoTime() > end);
    }

    @Test
    void aStreamThatTheClientLeftStaysOpenAfterItsLastEvent() {
        try (var target =
                        new RawTarget((request, _, out) -> {
                            out.write(RawTarget.http(EVENTS + chunk("data: 1")));
                            request.rest().read();
                        });
                Rig rig = Rig.recording(folder, target.port()).start()) {
            try (var client = new Raw(rig)) {
                client.send(GET).until("data: 1\r\n");
            }
            Rig.until(() -> rig.recorder().counters().recorded() == 1);
        }

        try (Rig rig = Rig.replaying(folder).start()) {
            try (var client = new Raw(rig)) {
                client.send(GET).until("data: 1\r\n");
                assertThat(rig.recorder().inFlight()).isOne();
            }
            Rig.until(() -> rig.recorder().inFlight() == 0);
        }
    }

    /** In status, headers, trailers and bodies, cut at every place, and compressed. */
    private static Map<String, byte[]> answersWithCanaries() throws IOException {
        String canary = CANARY;
        String encoded = "c4n4ry%2F%26secret";
        byte[] zipped = gzip("in gzip " + canary);
        var cuts = new StringBuilder();
        for (int i = 1; i < canary.length(); i++) {
            cuts.append(chunk("x" + canary.substring(0, i))).append(chunk(canary.substring(i)));
        }
        Map<String, byte[]> answers = new HashMap<>();
        answers.put(
                "/h/" + encoded + "?q=" + encoded,
                RawTarget.http(
                        "HTTP/1.1 200 it is "
                                + canary
                                + "\nX-A: "
                                + canary
                                + "\nSet-Cookie: "
                                + canary
                                + "\nContent-Length: 0\n\n"));
        answers.put(
                "/chunks",
                RawTarget.http(
                        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n"
                                + cuts
                                + "0\nX-T: "
                                + canary
                                + "\n\n"));
        var gzipAnswer = new ByteArrayOutputStream();
        gzipAnswer.writeBytes(
                RawTarget.http(
                        "HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: "
                                + zipped.length
                                + "\n\n"));
        gzipAnswer.writeBytes(zipped);
        answers.put("/gzip", gzipAnswer.toByteArray());
        return answers;
    }

    @Test
    void theCanaryIsInNoByteOfTheFolderAndInEveryByteOfTheTraffic() throws IOException {
        String canary = CANARY;
        Map<String, byte[]> answers = answersWithCanaries();
        try (var target = new RawTarget((asked, _, out) -> out.write(answers.get(asked.path())));
                Rig rig = Rig.recording(folder, target.port()).secrets(canary).start()) {
            for (String path : answers.keySet()) {
                String live =
                        Raw.exchange(
                                rig,
                                "POST "
                                        + path
                                        + " HTTP/1.1\nHost: a\nConnection: close\nX-B: "
                                        + canary
                                        + "\nAuthorization: "
                                        + canary
                                        + "\nContent-Type: text/plain\nContent-Length: 14\n\n"
                                        + canary);
                if (!path.equals("/gzip")) {
                    assertThat(live).contains(canary);
                }
            }
            assertThat(target.requests().getFirst().head()).contains("X-B: " + canary);
        }

        try (var files = Files.list(folder.resolve("recordings"))) {
            Path file =
                    files.filter(f -> f.toString().endsWith(".recording"))
                            .findFirst()
                            .orElseThrow();
            assertThat(TapeFile.read(file).interactions()).hasSize(3);
            assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                    .contains("REDACTED")
                    .doesNotContain("c4n4ry");
        }
    }

    private static final String NAME_CANARY = "c4n4ryname";

    private static byte[] gzip(String text) throws IOException {
        var zipped = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(zipped)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return zipped.toByteArray();
    }

    /** In bodies of requests, cut at every place, compressed and as JSON. */
    private static Map<String, byte[]> requestsWithCanaries() throws IOException {
        String canary = NAME_CANARY;
        String head = "POST / HTTP/1.1\nHost: a\nConnection: close\n";
        var cuts = new StringBuilder();
        for (int i = 1; i < canary.length(); i++) {
            cuts.append(chunk("x" + canary.substring(0, i))).append(chunk(canary.substring(i)));
        }
        Map<String, byte[]> requests = new HashMap<>();
        String chunked = head + "Content-Type: text/plain\nTransfer-Encoding: chunked\n\n";
        requests.put("chunks", RawTarget.http(chunked + cuts + "0\n\n"));
        String json = "{\"b\":\"" + canary + "\",\"" + canary + "\":[1,\"c4n4\\u0072yname\"]}";
        String typed = head + "Content-Type: application/json\nContent-Length: ";
        requests.put("json", RawTarget.http(typed + json.length() + "\n\n" + json));
        byte[] zipped = gzip("in gzip " + canary);
        var gzip = new ByteArrayOutputStream();
        String encoded = head + "Content-Encoding: gzip\nContent-Length: " + zipped.length;
        gzip.writeBytes(RawTarget.http(encoded + "\n\n"));
        gzip.writeBytes(zipped);
        requests.put("gzip", gzip.toByteArray());
        String names = canary + " / HTTP/1.1\nHost: a\nConnection: close\nX-" + canary + ": a\n\n";
        requests.put("names", RawTarget.http(names));
        return requests;
    }

    @Test
    void theCanaryIsInNoByteWhereverARequestOrANameHasIt() throws IOException {
        String answer =
                """
                HTTP/1.1 103 Early Hints
                Link: </CANARY>; rel=preload

                HTTP/1.1 200 OK
                X-CANARY: a
                Transfer-Encoding: chunked

                2
                hi
                0
                T-CANARY: b

                """;
        Map<String, byte[]> requests = requestsWithCanaries();
        try (var target = RawTarget.saying(answer.replace("CANARY", NAME_CANARY));
                Rig rig = Rig.recording(folder, target.port()).secrets(NAME_CANARY).start()) {
            for (byte[] request : requests.values()) {
                try (var client = new Raw(rig)) {
                    assertThat(client.send(request).rest())
                            .contains("/" + NAME_CANARY, "X-" + NAME_CANARY, "T-" + NAME_CANARY);
                }
            }
        }

        try (var files = Files.list(folder.resolve("recordings"))) {
            Path file = files.findFirst().orElseThrow();
            assertThat(file.toString()).endsWith(".recording");
            assertThat(TapeFile.read(file).interactions()).hasSize(requests.size());
            assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                    .contains("X-REDACTED", "T-REDACTED")
                    .doesNotContainIgnoringCase("c4n4ry")
                    .doesNotContain("u0072yname");
        }
        try (Rig rig = Rig.replaying(folder).secrets(NAME_CANARY).start()) {
            for (byte[] request : requests.values()) {
                try (var client = new Raw(rig)) {
                    assertThat(client.send(request).rest()).contains(" 200 ", "hi");
                }
            }
        }
    }

    /** Whatever is asked and answered, the replay is what was live. */
    @Test
    void aThousandExchangesAreReplayedIdentically() {
        int count = 1000;
        var random = new SplittableRandom(7);
        Map<String, byte[]> answers = new HashMap<>();
        String[] requests = new String[count];
        for (int i = 0; i < count; i++) {
            requests[i] = request(random, i);
            answers.put("/" + i, answer(random));
        }
        String[] live = new String[count];
        try (var target =
                        new RawTarget((asked, _, out) ->
                                out.write(answers.get(asked.path().replaceFirst("\\?.*", ""))));
                Rig rig = Rig.recording(folder, target.port()).start()) {
            for (int i = 0; i < count; i++) {
                live[i] = Raw.exchange(rig, requests[i]);
            }
        }

        try (Rig rig = Rig.replaying(folder).start()) {
            int identical = 0;
            for (int i = count - 1; i >= 0; i--) {
                identical += Raw.exchange(rig, requests[i]).equals(live[i]) ? 1 : 0;
            }
            assertThat(identical).isEqualTo(count);
        }
    }

    private static String request(SplittableRandom random, int number) {
        String[] methods = {"GET", "POST", "PUT", "DELETE", "PATCH", "QUERY"};
        String[] types = {"application/json", "text/plain", "application/octet-stream"};
        String body = random.nextBoolean() ? "" : "{\"n\":" + random.nextInt() + ",\"a\":[]}";
        return methods[random.nextInt(methods.length)]
                + " /"
                + number
                + (random.nextBoolean() ? "?a=" + random.nextInt(9) + "&b" : "")
                + " HTTP/1.1\nHost: a\nConnection: close\nContent-Type: "
                + types[random.nextInt(types.length)]
                + (body.isEmpty() ? "" : "\nContent-Length: " + body.length())
                + "\n\n"
                + body;
    }

    private static byte[] answer(SplittableRandom random) {
        int[] statuses = {200, 201, 204, 302, 304, 400, 404, 500};
        int status = statuses[random.nextInt(statuses.length)];
        var head = new StringBuilder("HTTP/1.1 " + status + " Reason " + random.nextInt(9) + "\n");
        for (int i = random.nextInt(4); i > 0; i--) {
            head.append("X-")
                    .append(random.nextInt(3))
                    .append(": ")
                    .append(random.nextInt())
                    .append('\n');
        }
        var body = new StringBuilder();
        if (status == 204 || status == 304) {
            head.append('\n');
        } else if (random.nextBoolean()) {
            head.append("Transfer-Encoding: chunked\n\n");
            for (int i = random.nextInt(5); i > 0; i--) {
                body.append(chunk("y".repeat(1 + random.nextInt(3000))));
            }
            body.append("0\n\n");
        } else {
            int length = random.nextInt(5000);
            head.append("Content-Length: ").append(length).append("\n\n");
            body.append("z".repeat(length));
        }
        return RawTarget.http(head.toString() + body);
    }
}
