package dev.wingman.recorder;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A client whose every byte is the test's. */
final class Raw implements AutoCloseable {
    private static final int PATIENCE_MILLIS = (int) Duration.ofSeconds(20).toMillis();

    private final Socket socket;

    Raw(Rig rig) {
        try {
            socket = new Socket(InetAddress.getLoopbackAddress(), rig.url("/").getPort());
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One request on a connection of its own; what comes until the other side closes. */
    static String exchange(Rig rig, String request) {
        try (var raw = new Raw(rig)) {
            return raw.send(request).rest();
        }
    }

    /** Line ends become those of HTTP. */
    Raw send(String text) {
        return send(RawTarget.http(text));
    }

    Raw send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends no more, and goes on to listen. */
    Raw halfClose() {
        try {
            socket.shutdownOutput();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Everything until the other side closes, one character for each byte. */
    String rest() {
        var all = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(all);
        } catch (SocketException e) {
            // A reset is an end as well.
        } catch (IOException e) {
            throw new UncheckedIOException(all.toString(StandardCharsets.ISO_8859_1), e);
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    /** Everything up to and with the text. */
    String until(String text) {
        var all = new ByteArrayOutputStream();
        try {
            while (!all.toString(StandardCharsets.ISO_8859_1).endsWith(text)) {
                int next = socket.getInputStream().read();
                if (next < 0) {
                    throw new AssertionError("closed after: " + all);
                }
                all.write(next);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(all.toString(StandardCharsets.ISO_8859_1), e);
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    byte[] read(int count) {
        try {
            return socket.getInputStream().readNBytes(count);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
