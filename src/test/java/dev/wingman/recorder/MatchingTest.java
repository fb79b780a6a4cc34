package dev.wingman.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.recorder.RecorderOptions.OnMiss;
import dev.wingman.recorder.RecorderOptions.Replay;
import dev.wingman.recorder.RecorderOptions.SocketMatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which answer a request gets. */
class MatchingTest {
    @TempDir private Path folder;

    /** Answers with the number of the request. */
    private static RawTarget counting() {
        var count = new AtomicInteger();
        return new RawTarget((_, _, out) -> {
            String body = "answer " + count.incrementAndGet();
            out.write(
                    RawTarget.http(
                            "HTTP/1.1 200 OK\nContent-Length: " + body.length() + "\n\n" + body));
        });
    }

    private static String ask(Rig rig, String line, String headers, String body) {
        String length = body.isEmpty() ? "" : "Content-Length: " + body.length() + "\n";
        return Raw.exchange(
                rig,
                line + " HTTP/1.1\nHost: a\nConnection: close\n" + headers + length + "\n" + body);
    }

    private static String get(Rig rig, String target) {
        return ask(rig, "GET " + target, "", "");
    }

    private static String json(Rig rig, String body) {
        return ask(rig, "POST /json", "Content-Type: application/json\n", body);
    }

    private static Replay replay(OnMiss onMiss, boolean strict) {
        return new Replay(onMiss, strict, new ReplayTiming.Immediate(), SocketMatch.CONTENT);
    }

    @Test
    void theSameRequestThriceGetsItsThreeAnswersAndNoFourth() {
        try (var target = counting();
                Rig rig = Rig.recording(folder, target.port()).start()) {
            for (int i = 1; i <= 3; i++) {
                assertThat(get(rig, "/a")).endsWith("answer " + i);
            }
        }

        try (Rig rig = Rig.replaying(folder).start()) {
            for (int i = 1; i <= 3; i++) {
                assertThat(get(rig, "/a")).endsWith("answer " + i);
            }
            assertThat(get(rig, "/a")).contains(" 404 ", "problem+json", "more often");
        }
    }

    @Test
    void whatMakesADifferenceAndWhatDoesNot() {
        try (var target = counting();
                Rig rig =
                        Rig.recording(folder, target.port())
                                .matching("content-type", "a")
                                .start()) {
            get(rig, "/q?a=b&c");
            json(rig, "{\"max_tokens\": 1, \"z\": [1.0, 2]}");
            ask(rig, "GET /h", "a: b\n", "");
            ask(rig, "GET /key", "User-Agent: one\nX-Api-Key: k1\nAuthorization: Bearer 1\n", "");
        }

        try (Rig rig = Rig.replaying(folder).matching("content-type", "a").start()) {
            assertThat(get(rig, "/q?c&a=c")).contains(" 404 ");
            assertThat(get(rig, "/q?c=&a=b")).contains(" 404 ");
            assertThat(get(rig, "/h?a=b")).contains(" 404 ");
            assertThat(ask(rig, "GET /q", "a: b\n", "")).contains(" 404 ");
            assertThat(json(rig, "{\"max_tokens\": 2, \"z\": [1.0, 2]}")).contains(" 404 ");
            assertThat(json(rig, "{\"max_tokens\": 1, \"z\": [1, 2]}")).contains(" 404 ");
            assertThat(get(rig, "/q?c&a=b")).endsWith("answer 1");
            assertThat(json(rig, "{\"z\":[1.0,2],\"max_tokens\":1}")).endsWith("answer 2");
            assertThat(ask(rig, "GET /h", "A: b\n", "")).endsWith("answer 3");
            assertThat(ask(rig, "GET /key", "User-Agent: two\nX-Api-Key: k2\n", ""))
                    .endsWith("answer 4");
        }
    }

    @Test
    void aMissShowsTheNearestRequestWithoutSecrets() {
        try (var target = counting();
                Rig rig = Rig.recording(folder, target.port()).secrets("topsecret").start()) {
            json(rig, "{\"a\": 1, \"password\": \"pw1\"}");
            get(rig, "/else");
        }

        try (Rig rig = Rig.replaying(folder).secrets("topsecret").start()) {
            assertThat(json(rig, "{\"a\": \"topsecret\", \"password\": \"pw2\"}"))
                    .contains(" 404 ", "POST /json", "differs in body", "REDACTED")
                    .doesNotContain("topsecret")
                    .doesNotContain("pw1")
                    .doesNotContain("pw2");
        }
    }

    @Test
    void recordingsAreInterleavedAndKeptApart() {
        String one = "X-Wingman-Recording: one\n";
        String two = "Test-Name: parts/two\n";
        try (var target = counting();
                Rig rig = Rig.recording(folder, target.port()).start()) {
            for (String name : List.of(one, two, one, two)) {
                ask(rig, "GET /", name, "");
            }
            assertThat(target.requests().getFirst().head()).doesNotContain("Recording");
        }

        try (Rig rig = Rig.replaying(folder).start()) {
            assertThat(ask(rig, "GET /", two, "")).endsWith("answer 2");
            assertThat(ask(rig, "GET /", two, "")).endsWith("answer 4");
            assertThat(ask(rig, "GET /", one, "")).endsWith("answer 1");
            assertThat(ask(rig, "GET /", one, "")).endsWith("answer 3");
            assertThat(ask(rig, "GET /", "Test-Name: three\n", ""))
                    .contains(" 404 ", "no recording");
            assertThat(ask(rig, "GET /", "Test-Name: ../x\n", "")).contains(" 400 ");
        }
    }

    @Test
    void parallelRequestsOfOneRecordingEachGetAnAnswer() {
        int requests = 100;
        try (var target = counting();
                Rig rig = Rig.recording(folder, target.port()).start()) {
            atOnce(rig, requests);
        }

        try (Rig rig = Rig.replaying(folder).start()) {
            assertThat(atOnce(rig, requests))
                    .allMatch(answer -> answer.contains("200 OK"))
                    .doesNotHaveDuplicates();
        }
    }

    private static List<String> atOnce(Rig rig, int requests) {
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            var answer = new CompletableFuture<String>();
            Thread.ofVirtual().start(() -> answer.complete(get(rig, "/same")));
            answers.add(answer);
        }
        return answers.stream().map(CompletableFuture::join).toList();
    }

    @Test
    void inStrictOrderAKnownRequestAtTheWrongPlaceIs409() {
        try (var target = counting();
                Rig rig = Rig.recording(folder, target.port()).start()) {
            get(rig, "/1");
            get(rig, "/2");
        }

        try (Rig rig = Rig.replaying(folder).replay(replay(OnMiss.FAIL, true)).start()) {
            assertThat(get(rig, "/2")).contains(" 409 ", "GET /1");
            assertThat(get(rig, "/3")).contains(" 404 ");
            assertThat(get(rig, "/1")).endsWith("answer 1");
            assertThat(get(rig, "/2")).endsWith("answer 2");
            assertThat(get(rig, "/2")).contains(" 409 ", "at its end");
        }
    }

    @Test
    void aMissCanBeForwardedOrRecorded() throws Exception {
        try (var target = counting()) {
            try (Rig rig = Rig.recording(folder, target.port()).start()) {
                get(rig, "/1");
            }
            var replaying = Rig.recording(folder, target.port()).mode(RecorderOptions.Mode.REPLAY);
            try (Rig rig = replaying.replay(replay(OnMiss.FORWARD, false)).start()) {
                assertThat(get(rig, "/1")).endsWith("answer 1");
                assertThat(json(rig, "{}")).endsWith("answer 2");
            }
            try (Rig rig = replaying.replay(replay(OnMiss.RECORD, false)).start()) {
                assertThat(json(rig, "{\"b\":1}")).endsWith("answer 3");
                assertThat(target.requests().getLast().body())
                        .isEqualTo("{\"b\":1}".getBytes(StandardCharsets.UTF_8));
            }
        }

        try (Rig rig = Rig.replaying(folder).start()) {
            assertThat(get(rig, "/1")).endsWith("answer 1");
            assertThat(json(rig, "{\"b\":1}")).endsWith("answer 3");
            var shelf = rig.recorder().shelf();
            assertThat(shelf.unused(RecordingName.DEFAULT, 10)).isEmpty();
            shelf.rewind(RecordingName.DEFAULT);
            assertThat(shelf.unused(RecordingName.DEFAULT, 10)).hasSize(2);
            assertThat(get(rig, "/1")).endsWith("answer 1");
        }
    }

    @Test
    void anAnswerUnderWayIsGivenToItsEndWhateverBecomesOfItsRecording() throws IOException {
        String body = "x".repeat(30 << 20);
        try (var target =
                        RawTarget.saying(
                                "HTTP/1.1 200 OK\nContent-Length: "
                                        + body.length()
                                        + "\n\n"
                                        + body);
                Rig rig = Rig.recording(folder, target.port()).start()) {
            get(rig, "/large");
        }

        try (Rig rig = Rig.replaying(folder).start();
                var client = new Raw(rig)) {
            client.send("GET /large HTTP/1.1\nHost: a\nConnection: close\n\n");
            client.until("\r\n\r\n");

            assertThat(rig.recorder().shelf().delete(RecordingName.DEFAULT)).isTrue();

            assertThat(client.rest()).hasSize(body.length());
            assertThat(get(rig, "/large")).contains(" 404 ", "there is no recording");
        }
    }
}
