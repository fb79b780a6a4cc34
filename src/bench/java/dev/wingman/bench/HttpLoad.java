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

/**
 * Clients over HTTP/1.1 that ask an {@link EchoTarget}, directly or through something, and check
 * every answer. Closed loop: an answer is followed by the next request.
 *
 * <p>Confined to one thread.
 */
final class HttpLoad implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int READ_BYTES = 4096;
    private static final String LENGTH = "content-length: ";

    private final InetSocketAddress server;
    private final String recording;
    private final boolean keeps;
    private final Selector selector = Selector.open();
    private final Sources sources = new Sources();
    private final Queue<Client> idle = new ArrayDeque<>();
    private final Latency latency = new Latency();
    private int next;
    private int underWay;

    /**
     * @param recording that the requests name
     * @param keeps whether connections are kept; else every request has its own, which is reset
     */
    HttpLoad(InetSocketAddress server, String recording, boolean keeps) throws IOException {
        this.server = server;
        this.recording = recording;
        this.keeps = keeps;
    }

    /** From the connect, or with kept connections from the request, to the whole answer. */
    Latency latency() {
        return latency;
    }

    void runFor(int atATime, Duration time) throws IOException {
        long end = System.nanoTime() + time.toNanos();
        run(atATime, () -> System.nanoTime() < end);
    }

    /** Asks for the paths from /0 on. */
    void runThrough(int atATime, int requests) throws IOException {
        next = 0;
        run(atATime, () -> next < requests);
    }

    /** Opens so many connections more, with one request on each. */
    void grow(int atATime, int connections) throws IOException {
        for (int i = 0; i < connections; i++) {
            open();
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
                begin();
            }
            last = turn(last);
        }
        turnUntil(0);
    }

    private void turnUntil(int mostUnderWay) throws IOException {
        long last = System.nanoTime();
        while (underWay > mostUnderWay) {
            last = turn(last);
        }
    }

    /**
     * @param last when something happened
     */
    private long turn(long last) throws IOException {
        if (selector.select(LIMIT.toMillis()) == 0 && System.nanoTime() - last > LIMIT.toNanos()) {
            throw new IllegalStateException("nothing more came within " + LIMIT);
        }
        for (SelectionKey key : selector.selectedKeys()) {
            ((Client) key.attachment()).ready(key);
        }
        selector.selectedKeys().clear();
        return System.nanoTime();
    }

    private void begin() throws IOException {
        Client client = idle.poll();
        if (client == null) {
            open();
        } else {
            underWay++;
            client.send();
        }
    }

    private void open() throws IOException {
        var channel = SocketChannel.open(StandardProtocolFamily.INET);
        channel.configureBlocking(false);
        // Reset at the end instead of TIME_WAIT, which would use up the ports.
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.bind(new InetSocketAddress(sources.next(), 0));
        var client = new Client(channel);
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
        private String path = "";
        private long beganNanos = System.nanoTime();

        Client(SocketChannel channel) {
            this.channel = channel;
        }

        void ready(SelectionKey key) throws IOException {
            if (key.isConnectable()) {
                channel.finishConnect();
                key.interestOps(SelectionKey.OP_READ);
                write();
            } else if (channel.read(in) < 0) {
                throw new IllegalStateException("closed before the answer to " + path);
            } else if (isAnswered()) {
                finished();
            }
        }

        void send() throws IOException {
            beganNanos = System.nanoTime();
            write();
        }

        private void write() throws IOException {
            path = "/" + next;
            next++;
            String request =
                    "GET %s HTTP/1.1\r\nHost: bench\r\nX-Wingman-Recording: %s\r\n\r\n"
                            .formatted(path, recording);
            ByteBuffer out = ByteBuffer.wrap(request.getBytes(ISO_8859_1));
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
                throw new IllegalStateException(path + " was answered by " + text);
            }
            int from = at + LENGTH.length();
            int length = Integer.parseInt(head.substring(from, head.indexOf('\r', from)));
            String body = text.substring(end + 4);
            if (body.length() < length) {
                return false;
            }
            if (!body.equals(EchoTarget.body(path))) {
                throw new IllegalStateException(path + " was answered by " + body);
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
