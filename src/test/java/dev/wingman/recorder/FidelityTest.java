package dev.wingman.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Awkward but legal answers: on replay every byte is the one that the client got live. */
class FidelityTest {
    @TempDir private Path folder;

    /** By path. */
    private static Map<String, byte[]> answers() throws IOException {
        var answers = new LinkedHashMap<String, byte[]>();
        put(
                answers,
                "json",
                "HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 7\n\n{\"a\":1}");
        put(
                answers,
                "odd-chunks",
                """
                HTTP/1.1 200 OK
                Transfer-Encoding: chunked

                1
                a
                00002;name="value"
                bc
                A
                0123456789
                0

                """);
        put(
                answers,
                "trailers",
                """
                HTTP/1.1 200 OK
                Trailer: X-Sum
                Transfer-Encoding: chunked

                3
                abc
                0
                X-Sum: 12
                X-Sum: 13

                """);
        put(
                answers,
                "early-hints",
                """
                HTTP/1.1 103 Early Hints
                Link: </a.css>; rel=preload

                HTTP/1.1 200 OK
                Content-Length: 2

                ok\
                """);
        putWithoutChunks(answers);
        answers.put("/events", events());
        answers.put("/binary", with("Content-Type: application/octet-stream\n", binary(256)));
        answers.put("/gzip", with("Content-Encoding: gzip\n", gzip("{\"max_tokens\": 1}")));
        answers.put("/gzip-of-nothing", with("Content-Encoding: gzip\n", gzip("")));
        answers.put("/gzip-without-a-byte", with("Content-Encoding: gzip\n", new byte[0]));
        answers.put("/large", with("X-Large: yes\n", binary(3_000_000)));
        return answers;
    }

    private static void putWithoutChunks(Map<String, byte[]> answers) {
        put(
                answers,
                "continue",
                "HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\nContent-Length: 2\n\nok");
        put(answers, "no-content", "HTTP/1.1 204 No Content\nX-A: b\n\n");
        put(answers, "not-modified", "HTTP/1.1 304 Not Modified\nETag: \"x\"\n\n");
        put(answers, "empty", "HTTP/1.1 200 OK\nContent-Length: 0\n\n");
        put(
                answers,
                "repeated",
                "HTTP/1.1 200 OK\nX-B: 2\nx-a: 1\nX-A: 0\nX-B: 2\nContent-Length: 0\n\n");
        put(
                answers,
                "redirect",
                "HTTP/1.1 301 Moved Permanently\nLocation: http://elsewhere/\nContent-Length: 0\n\n");
        put(answers, "reason", "HTTP/1.1 299 Any old reason\nContent-Length: 0\n\n");
        put(
                answers,
                "latin",
                "HTTP/1.1 200 OK\nX-Name: caf\u00e9 \u00ff\nContent-Length: 1\n\n\u00e9");
        put(answers, "error", "HTTP/1.1 503 Busy\nRetry-After: 7\nContent-Length: 3\n\nno!");
        put(answers, "until-close", "HTTP/1.1 200 OK\nConnection: close\n\nall of it");
        put(answers, "half-close", "HTTP/1.1 200 OK\nX-Half: yes\n\nall of it as well");
        put(
                answers,
                "cut",
                "HTTP/1.1 200 OK\nConnection: close\nContent-Length: 100\n\nnot all of it");
        put(answers, "head", "HTTP/1.1 200 OK\nContent-Length: 1234\n\n");
    }

    private static void put(Map<String, byte[]> answers, String name, String text) {
        answers.put("/" + name, RawTarget.http(text));
    }

    private static byte[] events() {
        String head =
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
        String one = ": a comment\n\n";
        String two = "event: a\ndata: first line\ndata: second";
        String three = " line\n\nid: 7\n\n";
        var all = new StringBuilder(head);
        for (String chunk : new String[] {one, two, three}) {
            all.append(Integer.toHexString(chunk.length())).append("\r\n");
            all.append(chunk).append("\r\n");
        }
        return all.append("0\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] with(String header, byte[] body) {
        var all = new ByteArrayOutputStream();
        String head = "HTTP/1.1 200 OK\n" + header + "Content-Length: " + body.length + "\n\n";
        all.writeBytes(RawTarget.http(head));
        all.writeBytes(body);
        return all.toByteArray();
    }

    private static byte[] binary(int bytes) {
        byte[] all = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            all[i] = (byte) (i * 31);
        }
        return all;
    }

    private static byte[] gzip(String text) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return out.toByteArray();
    }

    private static void answer(byte[] bytes, Socket connection, OutputStream out)
            throws IOException {
        out.write(bytes);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        if (text.contains("X-Half: yes")) {
            connection.shutdownOutput(); // and goes on to listen
        } else if (text.contains("Connection: close")) {
            connection.close();
        }
    }

    private static String ask(Rig rig, String path) {
        String method = path.equals("/head") ? "HEAD" : "GET";
        return Raw.exchange(rig, method + " " + path + " HTTP/1.1\nHost: a\nConnection: close\n\n");
    }

    @Test
    void everyByteComesAgain() throws IOException {
        Map<String, byte[]> answers = answers();
        var live = new LinkedHashMap<String, String>();
        try (var target =
                        new RawTarget((request, connection, out) ->
                                answer(
                                        answers.getOrDefault(request.path(), new byte[0]),
                                        connection,
                                        out));
                Rig rig = Rig.recording(folder, target.port()).start()) {
            answers.keySet().forEach(path -> live.put(path, ask(rig, path)));
        }

        var softly = new SoftAssertions();
        try (Rig rig = Rig.replaying(folder).start()) {
            live.forEach((path, bytes) ->
                    softly.assertThat(ask(rig, path).equals(bytes)).as(path).isTrue());
        }
        softly.assertAll();
        assertThat(live.get("/odd-chunks"))
                .endsWith("1\r\na\r\n2\r\nbc\r\na\r\n0123456789\r\n0\r\n\r\n");
        assertThat(live.get("/trailers")).endsWith("0\r\nX-Sum: 12\r\nX-Sum: 13\r\n\r\n");
        assertThat(live.get("/early-hints")).contains("103 Early Hints", "rel=preload", "200 OK");
        assertThat(live.get("/continue")).startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200");
        assertThat(live.get("/repeated")).contains("X-B: 2\r\nx-a: 1\r\nX-A: 0\r\nX-B: 2");
        assertThat(live.get("/reason")).startsWith("HTTP/1.1 299 Any old reason");
        assertThat(live.get("/latin")).contains("caf\u00e9 \u00ff").endsWith("\u00e9");
        assertThat(live.get("/head")).contains("Content-Length: 1234").endsWith("\r\n\r\n");
        assertThat(live.get("/no-content")).endsWith("\r\n\r\n");
        assertThat(live.get("/cut")).endsWith("not all of it");
        assertThat(live.get("/events")).contains(": a comment\n\n", "data: second\r\n");
        assertThat(live.get("/until-close")).contains("all of it");
        assertThat(live.get("/half-close")).contains("all of it as well");
        assertThat(live.get("/gzip-without-a-byte")).contains("Length: 0").endsWith("\r\n\r\n");
        assertThat(live.get("/large")).hasSizeGreaterThan(3_000_000);
    }

    private static final String COOKIE_LINES =
            """
            Set-Cookie: a=1; Path=/
            X-Between: yes
            set-cookie: b=2
            Set-Cookie: a=1; Path=/
            """;

    private String replayedCookies(String... redacted) {
        String answer = "HTTP/1.1 200 OK\n" + COOKIE_LINES + "Content-Length: 2\n\nok";
        try (var target = RawTarget.saying(answer);
                Rig rig = Rig.recording(folder, target.port()).redacting(redacted).start()) {
            assertThat(ask(rig, "/cookies").replace("\r\n", "\n")).contains(COOKIE_LINES);
        }
        try (Rig rig = Rig.replaying(folder).redacting(redacted).start()) {
            return ask(rig, "/cookies").replace("\r\n", "\n");
        }
    }

    @Test
    void cookiesKeepTheirPlaceAndCountAndLoseTheirValue() {
        assertThat(replayedCookies("set-cookie"))
                .contains(
                        """
                        Set-Cookie: REDACTED
                        X-Between: yes
                        set-cookie: REDACTED
                        Set-Cookie: REDACTED
                        """)
                .endsWith("\n\nok");
    }

    @Test
    void cookiesThatNeedNotBeSecretComeAgainAsTheyWere() {
        assertThat(replayedCookies()).contains(COOKIE_LINES).endsWith("\n\nok");
    }
}
