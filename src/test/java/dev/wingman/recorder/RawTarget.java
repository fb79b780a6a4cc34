package dev.wingman.recorder;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server that sends exactly the bytes that a test wants, over HTTP/1.1. */
final class RawTarget implements AutoCloseable {
    private static final Pattern LENGTH = Pattern.compile("content-length: *(\\d+)");

    /** What is done with one request. */
    interface Script {
        /**
         * @param out to the client; the connection is kept unless it is closed
         */
        void answer(Request request, Socket connection, OutputStream out)
                throws IOException, InterruptedException;
    }

    /**
     * As it came.
     *
     * @param head request line and headers
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Request(String head, byte[] body, InputStream rest) {
        String line() {
            return head.lines().findFirst().orElseThrow();
        }

        String path() {
            int from = line().indexOf(' ') + 1;
            return line().substring(from, line().indexOf(' ', from));
        }
    }

    private final ServerSocket listener;
    private final Script script;
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    RawTarget(Script script) {
        this.script = script;
        try {
            listener = new ServerSocket(0, 4096, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    /** Answers every request with the same text; line ends are those of HTTP. */
    static RawTarget saying(String answer) {
        byte[] bytes = http(answer);
        return new RawTarget((_, _, out) -> out.write(bytes));
    }

    static byte[] http(String text) {
        return text.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    int port() {
        return listener.getLocalPort();
    }

    List<Request> requests() {
        return requests;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket connection = listener.accept();
                open.add(connection);
                Thread.ofVirtual().start(() -> serve(connection));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            connection.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(connection.getInputStream());
            while (!connection.isClosed()) {
                String head = head(in);
                if (head.isEmpty()) {
                    return;
                }
                var request = new Request(head, body(head, in), in);
                requests.add(request);
                script.answer(request, connection, connection.getOutputStream());
            }
        } catch (IOException e) {
            // The other side has gone, which is for the test to notice.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(connection);
        }
    }

    private static String head(InputStream in) throws IOException {
        var head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            head.write(next);
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    private static byte[] body(String head, InputStream in) throws IOException {
        String lower = head.toLowerCase(Locale.ROOT);
        if (lower.contains("expect: 100-continue") || lower.contains("x-unread: yes")) {
            return new byte[0];
        }
        if (lower.contains("transfer-encoding: chunked")) {
            return chunked(in);
        }
        Matcher length = LENGTH.matcher(lower);
        return length.find() ? in.readNBytes(Integer.parseInt(length.group(1))) : new byte[0];
    }

    static byte[] chunked(InputStream in) throws IOException {
        var body = new ByteArrayOutputStream();
        while (true) {
            int size = Integer.parseInt(line(in), 16);
            body.writeBytes(in.readNBytes(size));
            if (!line(in).isEmpty() || size == 0) {
                return body.toByteArray();
            }
        }
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket connection : open) {
                connection.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
