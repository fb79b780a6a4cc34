package dev.wingman.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients over HTTP/1.1 that ask and check every answer.
 *
 * <p>Confined to one thread.
 */
final class HttpLoad implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int READ_BYTES = 4096;
    private static final String LENGTH = "content-length: ";
    private static final double NANOS_PER_SECOND = 1e9;
    private static final long NANOS_PER_MILLI = 1_000_000;

    /** Selectors wait in whole milliseconds; shorter waits are naps between two looks. */
    private static final long NAP_NANOS = 20_000;

    /** What is asked and how it must be answered. */
    interface Dialogue {
        /** The whole request with this number, from 0 on. */
        byte[] request(int number);

        /** Whether this is the body that the request must be answered with. */
        boolean isAnswer(int number, String body);
    }

    private final InetSocketAddress server;
    private final Dialogue dialogue;
    private final boolean keeps;
    private final Selector selector = Selector.open();
    private final Sources sources = new Sources();
    private final Queue<Client> idle = new ArrayDeque<>();
    private final Latency latency = new Latency();
    private int next;
    private int underWay;

    /**
     * @param keeps whether connections are kept; else every request has its own, which is reset
     */
    HttpLoad(InetSocketAddress server, Dialogue dialogue, boolean keeps) throws IOException {
        this.server = server;
        this.dialogue = dialogue;
        this.keeps = keeps;
    }

    /**
     * From the connect, with kept connections from the request, and at a rate from the moment a
     * request was due, to the whole answer.
     */
    Latency latency() {
        return latency;
    }

    /** Closed loop: an answer is followed by the next request. */
    void runFor(int atATime, Duration time) throws IOException {
        long end = System.nanoTime() + time.toNanos();
        run(atATime, () -> System.nanoTime() < end);
    }

    /**
     * Open loop: requests are due at fixed times, whatever the server does, and wait for one of the
     * kept connections when none is free.
     */
    void runAtRate(int connections, double perSecond, Duration time) throws IOException {
        double intervalNanos = NANOS_PER_SECOND / perSecond;
        long total = (long) (time.toNanos() / intervalNanos);
        long began = System.nanoTime();
        long last = began;
        long done = 0;
        while (done < total) {
            long now = System.nanoTime();
            long due = began + (long) (done * intervalNanos);
            if (due <= now && underWay < connections) {
                begin(due);
                done++;
            } else {
                last = turn(last, due <= now ? LIMIT.toNanos() : due - now);
            }
        }
        turnUntil(0);
    }

    /** Asks what is asked from number 0 on. */
    void runThrough(int atATime, int requests) throws IOException {
        next = 0;
        run(atATime, () -> next < requests);
    }

    /** Opens so many connections more, with one request on each. */
    void grow(int atATime, int connections) throws IOException {
        for (int i = 0; i < connections; i++) {
            open(System.nanoTime());
            turnUntil(atATime - 1);
        }
        turnUntil(0);
    }

    private interface Condition {
        boolean holds();
    }

    private void run(int atATime, Condition goesOn) throws IOException {
        long last = System.nanoTime();
        while (goesOn.holds()) {
            while (underWay < atATime && goesOn.holds()) {
                begin(System.nanoTime());
            }
            last = turn(last, LIMIT.toNanos());
        }
        turnUntil(0);
    }

    private void turnUntil(int mostUnderWay) throws IOException {
        long last = System.nanoTime();
        while (underWay > mostUnderWay) {
            last = turn(last, LIMIT.toNanos());
        }
    }

    /**
     * @param last when something happened
     * @return when something happened
     */
    private long turn(long last, long waitNanos) throws IOException {
        if (waitNanos >= NANOS_PER_MILLI) {
            selector.select(waitNanos / NANOS_PER_MILLI);
        } else if (selector.selectNow() == 0) {
            LockSupport.parkNanos(Math.min(waitNanos, NAP_NANOS));
            selector.selectNow();
        }
        if (selector.selectedKeys().isEmpty()) {
            if (underWay > 0 && System.nanoTime() - last > LIMIT.toNanos()) {
                throw new IllegalStateException("nothing more came within " + LIMIT);
            }
            return underWay > 0 ? last : System.nanoTime();
        }
        for (SelectionKey key : selector.selectedKeys()) {
            ((Client) key.attachment()).ready(key);
        }
        selector.selectedKeys().clear();
        return System.nanoTime();
    }

    private void begin(long dueNanos) throws IOException {
        Client client = idle.poll();
        if (client == null) {
            open(dueNanos);
        } else {
            underWay++;
            client.beganNanos = dueNanos;
            client.write();
        }
    }

    private void open(long dueNanos) throws IOException {
        var channel = SocketChannel.open(StandardProtocolFamily.INET);
        channel.configureBlocking(false);
        // Reset at the end instead of TIME_WAIT, which would use up the ports.
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.bind(new InetSocketAddress(sources.next(), 0));
        var client = new Client(channel, dueNanos);
        underWay++;
        if (channel.connect(server)) {
            channel.register(selector, SelectionKey.OP_READ, client);
            client.write();
        } else {
            channel.register(selector, SelectionKey.OP_CONNECT, client);
        }
    }

    /** One connection. */
    private final class Client {
        private final SocketChannel channel;
        private ByteBuffer in = ByteBuffer.allocate(READ_BYTES);
        private int number;
        private long beganNanos;

        Client(SocketChannel channel, long beganNanos) {
            this.channel = channel;
            this.beganNanos = beganNanos;
        }

        void ready(SelectionKey key) throws IOException {
            if (key.isConnectable()) {
                channel.finishConnect();
                key.interestOps(SelectionKey.OP_READ);
                write();
            } else if (channel.read(in) < 0) {
                throw new IllegalStateException("closed before the answer to " + number);
            } else if (isAnswered()) {
                finished();
            }
        }

        private void write() throws IOException {
            number = next;
            next++;
            ByteBuffer out = ByteBuffer.wrap(dialogue.request(number));
            channel.write(out);
            if (out.hasRemaining()) {
                throw new IllegalStateException("no room for one request in a socket");
            }
        }

        private boolean isAnswered() {
            String text = new String(in.array(), 0, in.position(), ISO_8859_1);
            int end = text.indexOf("\r\n\r\n");
            if (end < 0) {
                return false;
            }
            String head = text.substring(0, end + 2).toLowerCase(Locale.ROOT);
            int at = head.indexOf(LENGTH);
            if (!head.startsWith("http/1.1 200 ") || at < 0) {
                throw new IllegalStateException("%d was answered by %s".formatted(number, text));
            }
            int from = at + LENGTH.length();
            int length = Integer.parseInt(head.substring(from, head.indexOf('\r', from)));
            String body = text.substring(end + 4);
            if (body.length() < length) {
                return false;
            }
            if (!dialogue.isAnswer(number, body)) {
                throw new IllegalStateException("%d was answered by %s".formatted(number, body));
            }
            return true;
        }

        private void finished() throws IOException {
            latency.record(System.nanoTime() - beganNanos);
            underWay--;
            in.clear();
            if (keeps) {
                idle.add(this);
            } else {
                channel.close();
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }
}
