package dev.wingman.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;

/**
 * Whom a proxy forwards to: answers every GET with its path, as fast as can be. One virtual thread
 * serves one connection. Runs as a {@link Companion}.
 */
final class EchoTarget {
    private static final int BACKLOG = 4096;
    private static final int MAX_REQUEST_BYTES = 4096;
    private static final int BODY_BYTES = 100;

    private EchoTarget() {}

    public static void main(String... args) throws IOException {
        var listener = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> accept(listener));
        Companion.serve(listener.getLocalPort());
    }

    /**
     * What its clients ask.
     *
     * @param recording that the requests name, for a recorder on the way
     */
    record Dialogue(String recording) implements HttpLoad.Dialogue {
        @Override
        public byte[] request(int number) {
            return "GET /%d HTTP/1.1\r\nHost: bench\r\nX-Wingman-Recording: %s\r\n\r\n"
                    .formatted(number, recording)
                    .getBytes(ISO_8859_1);
        }

        @Override
        public boolean isAnswer(int number, String body) {
            return body.equals(body("/" + number));
        }
    }

    /** What a request for the path is answered with. */
    private static String body(String path) {
        return path + ".".repeat(BODY_BYTES - path.length());
    }

    private static void accept(ServerSocket listener) {
        while (true) {
            try {
                Socket connection = listener.accept();
                Thread.ofVirtual().start(() -> serve(connection));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void serve(Socket connection) {
        try (connection) {
            connection.setTcpNoDelay(true);
            InputStream in = connection.getInputStream();
            OutputStream out = connection.getOutputStream();
            byte[] request = new byte[MAX_REQUEST_BYTES];
            int length = 0;
            for (int n = in.read(request);
                    n >= 0;
                    n = in.read(request, length, request.length - length)) {
                length += n;
                if (isWhole(request, length)) {
                    out.write(answer(request));
                    length = 0;
                }
            }
        } catch (IOException e) {
            // Clients of the bench end their connections by a reset.
        }
    }

    private static boolean isWhole(byte[] request, int length) {
        return length >= 4
                && request[length - 4] == '\r'
                && request[length - 3] == '\n'
                && request[length - 2] == '\r'
                && request[length - 1] == '\n';
    }

    private static byte[] answer(byte[] request) {
        int from = "GET ".length();
        int to = from;
        while (request[to] != ' ') {
            to++;
        }
        String path = new String(Arrays.copyOfRange(request, from, to), ISO_8859_1);
        return ("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: "
                        + BODY_BYTES
                        + "\r\n\r\n"
                        + body(path))
                .getBytes(ISO_8859_1);
    }
}
