package dev.wingman;

import dev.wingman.protocol.Json;
import dev.wingman.testing.RawSocket;
import dev.wingman.testing.WireClient.Close;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Many clients on one thread. Each counts upwards in a map of its own, the next number after the
 * acknowledgement of the last, and remembers how its connection ended.
 *
 * <p>Thread-safe: what the test reads is volatile.
 */
final class WriterFleet implements AutoCloseable {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int READ_BYTES = 4096;

    private final List<Writer> writers = new ArrayList<>();
    private final Selector selector;
    private final boolean answersClose;
    private final Thread thread = new Thread(this::run, "writers");
    private volatile boolean stopped;

    private WriterFleet(boolean answersClose) throws IOException {
        this.answersClose = answersClose;
        this.selector = Selector.open();
    }

    /**
     * @param answersClose false for clients that hear of the close and leave it at that
     */
    static WriterFleet connect(URI server, int count, boolean answersClose) {
        try {
            var fleet = new WriterFleet(answersClose);
            for (int i = 0; i < count; i++) {
                fleet.writers.add(fleet.new Writer(i, server));
            }
            fleet.thread.start();
            return fleet;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How one connection came to its end. */
    record End(Close close, long atNanos) {}

    final class Writer {
        private final SocketChannel channel;
        private ByteBuffer unread = ByteBuffer.allocate(READ_BYTES);
        private boolean upgraded;
        private boolean mayWrite;
        private long sent;
        private volatile long acknowledged;
        private volatile @Nullable End end;
        private volatile @Nullable String trouble;
        private volatile boolean gone;

        final String map;

        Writer(int number, URI server) throws IOException {
            map = "map" + number;
            channel = SocketChannel.open(new InetSocketAddress(server.getHost(), server.getPort()));
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, this);
            byte[] request =
                    RawSocket.UPGRADE.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);
            write(ByteBuffer.wrap(request));
        }

        long acknowledged() {
            return acknowledged;
        }

        /** Whether a number that was found afterwards may be there. */
        boolean accepts(long found) {
            return acknowledged <= found && found <= sent;
        }

        private void write(ByteBuffer bytes) throws IOException {
            channel.write(bytes);
            if (bytes.hasRemaining()) {
                trouble = "the server does not read";
            }
        }

        private void writeNext() throws IOException {
            mayWrite = false;
            sent++;
            write(
                    frame(
                            0x82,
                            Json.frame(
                                    """
                                    {"type":"CLIENT_OP","payload":{"id":"%d","mapName":"%s","key":"n","record":
                                     {"value":%d,"timestamp":{"millis":%d,"counter":0,"nodeId":"w"}}}}\
                                    """
                                            .formatted(sent, map, sent, sent))));
        }

        private void read() {
            try {
                if (!unread.hasRemaining()) {
                    unread = ByteBuffer.allocate(2 * unread.capacity()).put(unread.flip());
                }
                if (channel.read(unread) < 0) {
                    leave();
                    return;
                }
                unread.flip();
                while (upgraded ? takeFrame() : takeHead()) {
                    // as long as something is complete
                }
                unread.compact();
            } catch (IOException e) {
                leave();
            }
        }

        private void leave() {
            gone = true;
            try {
                channel.close();
            } catch (IOException e) {
                trouble = e.toString();
            }
        }

        private boolean takeHead() {
            byte[] bytes = new byte[unread.remaining()];
            unread.get(unread.position(), bytes);
            String head = new String(bytes, StandardCharsets.ISO_8859_1);
            int end = head.indexOf("\r\n\r\n");
            if (end < 0) {
                return false;
            }
            if (!head.startsWith("HTTP/1.1 101 ")) {
                trouble = head;
            }
            unread.position(unread.position() + end + 4);
            upgraded = true;
            mayWrite = true;
            return true;
        }

        /** Frames of a server are not masked; those that come here are short. */
        private boolean takeFrame() throws IOException {
            if (unread.remaining() < 2) {
                return false;
            }
            int start = unread.position();
            int length = unread.get(start + 1);
            int header = 2;
            if (length == 126) {
                if (unread.remaining() < 4) {
                    return false;
                }
                header = 4;
                length = Short.toUnsignedInt(unread.getShort(start + 2));
            }
            if (unread.remaining() < header + length) {
                return false;
            }
            byte[] payload = new byte[length];
            unread.get(start + header, payload);
            unread.position(start + header + length);
            received(unread.get(start) & 0x0f, payload);
            return true;
        }

        private void received(int opcode, byte[] payload) throws IOException {
            if (opcode == 8) {
                int code = Short.toUnsignedInt(ByteBuffer.wrap(payload).getShort());
                String reason = new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
                end = new End(new Close(code, reason), System.nanoTime());
                if (answersClose) {
                    write(frame(0x88, payload));
                }
                return;
            }
            JsonObject message = Json.object(payload);
            if ("OP_ACK".equals(message.getString("type")) && end == null) {
                acknowledged = Long.parseLong(message.getJsonObject("payload").getString("lastId"));
                mayWrite = true;
            } else {
                trouble = message.encode();
            }
        }
    }

    /** Masked with zeros, which is allowed. */
    private static ByteBuffer frame(int first, byte[] payload) {
        var frame = ByteBuffer.allocate(8 + payload.length).put((byte) first);
        if (payload.length < 126) {
            frame.put((byte) (0x80 | payload.length));
        } else {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        }
        return frame.putInt(0).put(payload).flip();
    }

    private void run() {
        long nextNanos = System.nanoTime();
        try {
            while (!stopped) {
                selector.select(key -> ((Writer) key.attachment()).read(), 10);
                if (System.nanoTime() - nextNanos >= 0) {
                    nextNanos = System.nanoTime() + PAUSE_NANOS;
                    writeAll();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void writeAll() {
        for (Writer writer : writers) {
            if (writer.mayWrite && writer.end == null && !writer.gone) {
                try {
                    writer.writeNext();
                } catch (IOException e) {
                    writer.leave();
                }
            }
        }
    }

    List<Writer> writers() {
        return writers;
    }

    /** The smallest number that any of them has acknowledged. */
    long leastAcknowledged() {
        return writers.stream().mapToLong(Writer::acknowledged).min().orElseThrow();
    }

    /** Close frames that have come. */
    List<End> ends() {
        List<End> ends = new ArrayList<>();
        for (Writer writer : writers) {
            End end = writer.end;
            if (end != null) {
                ends.add(end);
            }
        }
        return ends;
    }

    /** From the first close frame to the last. */
    long closingNanos() {
        LongStream moments = ends().stream().mapToLong(End::atNanos);
        var summary = moments.summaryStatistics();
        return summary.getMax() - summary.getMin();
    }

    /** What should not have come to any of them. */
    List<String> troubles() {
        List<String> troubles = new ArrayList<>();
        for (Writer writer : writers) {
            String trouble = writer.trouble;
            if (trouble != null) {
                troubles.add(writer.map + ": " + trouble);
            }
        }
        return troubles;
    }

    /** Whether no connection is left. */
    boolean isGone() {
        return writers.stream().allMatch(writer -> writer.gone);
    }

    @Override
    public void close() {
        stopped = true;
        try {
            thread.join();
            for (Writer writer : writers) {
                writer.leave();
            }
            selector.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
