package dev.wingman.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;

/**
 * One client that publishes and many that listen. Each of these must get every message, once, in
 * order and byte for byte what the others got, and the first checks what that is.
 *
 * <p>Confined to one thread.
 */
final class FanOutLoad implements AutoCloseable {
    private static final int DATA_BYTES = 128;
    private static final int MAX_UNDER_WAY = 1 << 10;
    private static final int CONNECTING_AT_A_TIME = 64;
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final Generator generator;
    private final Feed feed;
    private final int subscribers;
    private final Requests requests = new Requests();
    private final Reply reply = new Reply();
    private final Latency deliveries = new Latency();
    private final Socket publisher;
    private int ready;
    private int stalled;
    private int underWayAllowed;
    private long published;
    private long completed;

    /** By number of the message, modulo their length. */
    private final Message[] messages = new Message[MAX_UNDER_WAY];

    private static final class Message {
        final String data;
        final long dueNanos;
        byte[] frame = {};
        int delivered;

        Message(long number, long dueNanos) {
            this.data = ("%0" + DATA_BYTES + "d").formatted(number);
            this.dueNanos = dueNanos;
        }
    }

    FanOutLoad(InetSocketAddress server, Feed feed, int subscribers) throws IOException {
        this.generator = new Generator(server);
        this.feed = feed;
        this.subscribers = subscribers;
        this.publisher = generator.connect(new Publisher());
        for (int i = 0; i < subscribers; i++) {
            int begun = i;
            generator.connect(new Subscriber());
            generator.turnUntil(() -> begun - ready < CONNECTING_AT_A_TIME, LIMIT);
        }
        generator.turnUntil(() -> ready == subscribers, LIMIT);
    }

    /** Adds subscribers that take nothing more once they have subscribed. */
    void addStalled(int count) throws IOException {
        int all = stalled + count;
        for (int i = 0; i < count; i++) {
            generator.connect(new StalledSubscriber());
        }
        generator.turnUntil(() -> stalled == all, LIMIT);
    }

    /** From the moment a message was due until one subscriber has it. */
    Latency deliveries() {
        return deliveries;
    }

    /** Closed loop: a message that all have got is followed by the next. */
    void keepUnderWay(int count, Duration time) throws IOException {
        underWayAllowed = count;
        refill();
        generator.turnFor(time);
    }

    /** Open loop: messages are due at fixed times, whatever the server does. */
    void sendAtRate(double messagesPerSecond, Duration time) throws IOException {
        underWayAllowed = 0;
        generator.pace(messagesPerSecond, time, this::publish);
    }

    /** Waits for all that is under way. */
    void drain() throws IOException {
        underWayAllowed = 0;
        generator.turnUntil(() -> completed == published, LIMIT);
    }

    private void refill() {
        while (published - completed < underWayAllowed) {
            publish(System.nanoTime());
        }
    }

    private void publish(long dueNanos) {
        if (published - completed == MAX_UNDER_WAY) {
            throw new IllegalStateException("the server does not keep up with this rate");
        }
        var message = new Message(published, dueNanos);
        messages[(int) (published % MAX_UNDER_WAY)] = message;
        published++;
        publisher.write(feed.publish(requests, published, message.data));
    }

    @Override
    public void close() throws IOException {
        generator.close();
    }

    /** Hears nothing but that its writes are durable. */
    private final class Publisher implements Socket.Listener {
        @Override
        public void opened(Socket socket) {}

        @Override
        public void message(Socket socket, byte[] bytes, int offset, int length)
                throws IOException {
            var _ = reply.read(bytes, offset, length).expect("OP_ACK");
        }
    }

    private final class StalledSubscriber implements Socket.Listener {
        @Override
        public void opened(Socket socket) {
            socket.write(feed.subscribe(requests));
            socket.write(requests.ping(System.currentTimeMillis()));
        }

        @Override
        public void message(Socket socket, byte[] bytes, int offset, int length)
                throws IOException {
            if (reply.read(bytes, offset, length).type().equals("PONG")) {
                socket.stopReading();
                stalled++;
            }
        }
    }

    private final class Subscriber implements Socket.Listener {
        private boolean subscribed;
        private long received;

        @Override
        public void opened(Socket socket) {
            socket.write(feed.subscribe(requests));
            // Answered in order, so its answer says that the subscription holds.
            socket.write(requests.ping(System.currentTimeMillis()));
        }

        @Override
        public void message(Socket socket, byte[] bytes, int offset, int length)
                throws IOException {
            if (subscribed) {
                event(bytes, offset, length);
            } else if (reply.read(bytes, offset, length).type().equals("PONG")) {
                subscribed = true;
                ready++;
            }
        }

        private void event(byte[] bytes, int offset, int length) throws IOException {
            Message message = messages[(int) (received % MAX_UNDER_WAY)];
            int end = offset + length;
            if (message.delivered == 0) {
                if (!message.data.equals(
                        reply.read(bytes, offset, length).expect(feed.event()).data())) {
                    throw new IllegalStateException("a message was lost or changed");
                }
                message.frame = Arrays.copyOfRange(bytes, offset, end);
            } else if (!Arrays.equals(message.frame, 0, message.frame.length, bytes, offset, end)) {
                throw new IllegalStateException("subscribers got different messages");
            }
            deliveries.record(System.nanoTime() - message.dueNanos);
            received++;
            message.delivered++;
            if (message.delivered == subscribers) {
                completed++;
                refill();
            }
        }
    }
}
