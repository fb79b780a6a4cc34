package dev.wingman.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How clients may treat their connections. */
class ConnectionTest {
    private static final String OK = "HTTP/1.1 200 OK\nContent-Length: 2\n\nok";
    private static final String KEPT = "GET / HTTP/1.1\nHost: a\n\n";

    @TempDir private Path folder;

    /** Answers when the latch opens. */
    private static RawTarget waiting(CountDownLatch latch, String answer) {
        return new RawTarget((_, _, out) -> {
            latch.await();
            out.write(RawTarget.http(answer));
        });
    }

    private static void ends(Rig rig) {
        Rig.until(() -> rig.recorder().connections() == 0 && rig.recorder().inFlight() == 0);
    }

    @Test
    void whoHasAskedAndSendsNoMoreIsAnswered() {
        var latch = new CountDownLatch(1);
        String body = "x".repeat(3_000_000);
        String large = "HTTP/1.1 200 OK\nContent-Length: 3000000\n\n" + body;
        try (var target = waiting(latch, large);
                Rig rig = Rig.recording(folder, target.port()).start();
                var client = new Raw(rig)) {
            client.send(KEPT).halfClose();
            Rig.until(() -> target.requests().size() == 1);
            latch.countDown();

            assertThat(client.rest()).endsWith(body);
            ends(rig);
            assertThat(rig.recorder().counters().recorded()).isOne();
        }

        try (Rig rig = Rig.replaying(folder).start();
                var client = new Raw(rig)) {
            assertThat(client.send(KEPT).halfClose().rest()).endsWith(body);
            ends(rig);
        }
    }

    @Test
    void everyRequestBeforeTheEndIsAnsweredInItsOrder() {
        try (var target =
                        new RawTarget((request, _, out) -> {
                            String body = request.path();
                            out.write(
                                    RawTarget.http(
                                            "HTTP/1.1 200 OK\nContent-Length: "
                                                    + body.length()
                                                    + "\n\n"
                                                    + body));
                        });
                Rig rig = Rig.recording(folder, target.port()).start();
                var client = new Raw(rig)) {
            String body = "POST /b HTTP/1.1\nHost: a\nContent-Length: 2\n\nhi";
            client.send("GET /a HTTP/1.1\nHost: a\n\n" + body + "GET /c HTTP/1.1\nHost: a\n\n");

            String all = client.halfClose().rest();

            assertThat(all.lines().filter(line -> line.startsWith("/")).toList())
                    .isEqualTo(List.of("/aHTTP/1.1 200 OK", "/bHTTP/1.1 200 OK", "/c"));
            ends(rig);
        }
    }

    @Test
    void aRefusalReachesWhoSendsNoMore() {
        try (Rig rig = Rig.replaying(folder).start();
                var client = new Raw(rig)) {
            assertThat(client.send(KEPT).halfClose().rest()).contains(" 404 ");
            ends(rig);
        }
    }

    @Test
    void whoLeavesInTheMiddleOfARequestIsGone() {
        var latch = new CountDownLatch(1);
        try (var target = waiting(latch, OK);
                Rig rig = Rig.recording(folder, target.port()).start();
                var client = new Raw(rig)) {
            client.send("POST / HTTP/1.1\nHost: a\nContent-Length: 10\n\nhalf");
            Rig.until(() -> rig.recorder().inFlight() == 1);

            assertThat(client.halfClose().rest()).isEmpty();
            ends(rig);
            latch.countDown();
        }
    }

    @Test
    void whoLeavesAStreamOfEventsIsGone() {
        String events =
                """
                HTTP/1.1 200 OK
                Content-Type: text/event-stream
                Transfer-Encoding: chunked

                3
                a

                """;
        try (var target =
                        new RawTarget((request, _, out) -> {
                            out.write(RawTarget.http(events));
                            request.rest().read();
                        });
                Rig rig = Rig.recording(folder, target.port()).start();
                var client = new Raw(rig)) {
            client.send(KEPT).until("a\r\n\r\n");

            client.halfClose().rest();

            ends(rig);
        }
    }

    @Test
    void anIdleConnectionEndsWithItsClient() {
        try (var target = RawTarget.saying(OK);
                Rig rig = Rig.recording(folder, target.port()).start();
                var client = new Raw(rig)) {
            client.send(KEPT).until("ok");

            assertThat(client.halfClose().rest()).isEmpty();
            ends(rig);
        }
    }

    @Test
    void aHeadThatDoesNotEndIsCutAfterTheTargetTimeout() {
        try (var target = RawTarget.saying(OK);
                Rig rig =
                        Rig.recording(folder, target.port())
                                .limits(limits -> Rig.targetTimeout(limits, Duration.ofSeconds(1)))
                                .start();
                var idle = new Raw(rig)) {
            idle.send(KEPT).until("ok");
            try (var trickling = new Raw(rig)) {
                trickling.send(KEPT).until("ok");
                trickling.send("GET / HTTP/1.1\nA");

                assertThat(trickling.rest()).isEmpty();
            }
            Rig.until(() -> rig.recorder().connections() == 1);
            assertThat(idle.send(KEPT).until("ok")).contains(" 200 ");
        }
    }

    @Test
    void theHeadBehindARequestDoesNotCutItsAnswer() {
        var latch = new CountDownLatch(1);
        try (var target = waiting(latch, OK);
                Rig rig =
                        Rig.recording(folder, target.port())
                                .limits(limits -> Rig.targetTimeout(limits, Duration.ofSeconds(2)))
                                .start();
                var client = new Raw(rig)) {
            client.send(KEPT + "GET /next HT");
            Rig.until(() -> target.requests().size() == 1);
            latch.countDown();

            assertThat(client.until("ok")).contains(" 200 ");
            assertThat(client.send("TP/1.1\nHost: a\n\n").until("ok")).contains(" 200 ");
        }
    }

    @Test
    void aBodyThatDoesNotEndIsGivenUpOnReplayToo() {
        try (Rig rig =
                        Rig.replaying(folder)
                                .limits(limits -> Rig.targetTimeout(limits, Duration.ofSeconds(1)))
                                .start();
                var client = new Raw(rig)) {
            client.send("POST / HTTP/1.1\nHost: a\nContent-Length: 10\n\nhalf");

            assertThat(client.rest()).contains(" 504 ");
            ends(rig);
        }
    }

    /** The rest of the request still belongs to it, at the target and on the tape. */
    @Test
    void anAnswerBeforeTheEndOfItsRequestLeavesTheRequestWhole() {
        String post = "POST / HTTP/1.1\nHost: a\nX-Unread: yes\nContent-Length: 10\n\n01234";
        List<byte[]> bodies = new CopyOnWriteArrayList<>();
        try (var target =
                        new RawTarget((request, _, out) -> {
                            if (request.head().startsWith("POST")) {
                                out.write(RawTarget.http(OK));
                                bodies.add(request.rest().readNBytes(10));
                            } else {
                                out.write(RawTarget.http(OK));
                            }
                        });
                Rig rig = Rig.recording(folder, target.port()).start();
                var client = new Raw(rig)) {
            client.send(post).until("ok");
            client.send("56789");

            Rig.until(() -> bodies.size() == 1);
            assertThat(bodies.getFirst()).asString().isEqualTo("0123456789");
            assertThat(client.send(KEPT).until("ok")).contains(" 200 ");
            Rig.until(() -> rig.recorder().counters().recorded() == 2);
        }

        try (Rig rig = Rig.replaying(folder).start();
                var client = new Raw(rig)) {
            assertThat(client.send(post + "56789").until("ok")).contains(" 200 ");
        }
    }

    /** It may have said all it has to say; what was asked is recorded whole nevertheless. */
    @Test
    void aTargetThatAnswersAndLeavesHasItsRequestRecordedWhole() {
        int size = 5_000_000;
        String head = "POST / HTTP/1.1\nHost: a\nX-Unread: yes\nContent-Length: " + size + "\n\n";
        byte[] rest = new byte[size];
        try (var target =
                        new RawTarget((_, connection, out) -> {
                            out.write(RawTarget.http(OK));
                            connection.close();
                        });
                Rig rig = Rig.recording(folder, target.port()).start();
                var client = new Raw(rig)) {
            client.send(head).until("ok");
            client.send(rest);
            Rig.until(() -> rig.recorder().counters().recorded() == 1);
        }

        try (Rig rig = Rig.replaying(folder).start();
                var client = new Raw(rig)) {
            assertThat(client.send(head).send(rest).until("ok")).contains(" 200 ");
        }
    }

    @Test
    void whoHasItsAnswerAndLeavesInTheMiddleOfItsRequestIsGone() {
        try (var target =
                        new RawTarget((request, _, out) -> {
                            out.write(RawTarget.http(OK));
                            request.rest().readNBytes(10);
                        });
                Rig rig = Rig.recording(folder, target.port()).start()) {
            try (var client = new Raw(rig)) {
                client.send("POST / HTTP/1.1\nHost: a\nX-Unread: yes\nContent-Length: 10\n\nhalf");
                client.until("ok");
            }
            Rig.until(() -> rig.recorder().counters().notRecorded() == 1);
            ends(rig);
        }
    }
}
