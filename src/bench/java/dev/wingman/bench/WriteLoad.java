package dev.wingman.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Clients that write and check every acknowledgement: its level, its order, and in the end that
 * none is missing.
 *
 * <p>Confined to one thread.
 */
final class WriteLoad implements AutoCloseable {
    /** Distinct keys of one connection; most writes find an older value. */
    private static final int KEYS = 2_000;

    private static final String VALUE = "v".repeat(100);
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Duration FILL_LIMIT = Duration.ofMinutes(2);

    private final Generator generator;
    private final int opsPerMessage;
    private final Requests requests = new Requests();
    private final Reply reply = new Reply();
    private final SplittableRandom random = new SplittableRandom(7);
    private final Latency acks = new Latency();
    private final List<Writer> writers = new ArrayList<>();
    private int opened;
    private int underWayEach;
    private long underWay;
    private int turn;
    private long messagesLeft = Long.MAX_VALUE;
    private boolean distinct;

    WriteLoad(InetSocketAddress server, int connections, int opsPerMessage) throws IOException {
        this.generator = new Generator(server);
        this.opsPerMessage = opsPerMessage;
        for (int i = 0; i < connections; i++) {
            writers.add(new Writer("bench-%d-%d".formatted(opsPerMessage, i)));
        }
        generator.turnUntil(() -> opened == connections, LIMIT);
    }

    /** From the moment a message was due until its acknowledgement. */
    Latency acks() {
        return acks;
    }

    /** Closed loop: every acknowledgement is followed by the next message. */
    void keepUnderWay(int messages, Duration time) throws IOException {
        underWayEach = messages;
        for (Writer writer : writers) {
            writer.refill();
        }
        generator.turnFor(time);
    }

    /** Writes so many records, each under a key of its own, as fast as the server takes them. */
    void fill(long records, int messages) throws IOException {
        distinct = true;
        messagesLeft = records / opsPerMessage;
        underWayEach = messages;
        for (Writer writer : writers) {
            writer.refill();
        }
        generator.turnUntil(() -> messagesLeft == 0 && underWay == 0, FILL_LIMIT);
    }

    /** Open loop: messages are due at fixed times, whatever the server does. */
    void sendAtRate(double messagesPerSecond, Duration time) throws IOException {
        underWayEach = 0;
        generator.pace(messagesPerSecond, time, this::writeNext);
    }

    private void writeNext(long dueNanos) {
        turn = (turn + 1) % writers.size();
        writers.get(turn).write(dueNanos);
    }

    /** Waits for all that is under way. */
    void drain(Duration limit) throws IOException {
        underWayEach = 0;
        generator.turnUntil(() -> underWay == 0, limit);
    }

    @Override
    public void close() throws IOException {
        generator.close();
    }

    private final class Writer implements Socket.Listener {
        private static final int MAX_UNDER_WAY = 1 << 12;

        private final String map;
        private final Socket socket;
        private final String[] keys = new String[opsPerMessage];
        private final long[] dueNanos = new long[MAX_UNDER_WAY];
        private long written;
        private long acknowledged;

        Writer(String map) throws IOException {
            this.map = map;
            this.socket = generator.connect(this);
        }

        void refill() {
            while (written - acknowledged < underWayEach && messagesLeft > 0) {
                messagesLeft--;
                write(System.nanoTime());
            }
        }

        void write(long due) {
            if (written - acknowledged == MAX_UNDER_WAY) {
                throw new IllegalStateException("the server does not keep up with this rate");
            }
            for (int i = 0; i < keys.length; i++) {
                keys[i] = "key-" + (distinct ? written * opsPerMessage + i : random.nextInt(KEYS));
            }
            dueNanos[(int) (written % MAX_UNDER_WAY)] = due;
            socket.write(requests.put(map, 1 + written * opsPerMessage, keys, VALUE));
            written++;
            underWay++;
        }

        @Override
        public void opened(Socket opening) {
            opened++;
        }

        @Override
        public void message(Socket from, byte[] bytes, int offset, int length) throws IOException {
            var _ = reply.read(bytes, offset, length).expect("OP_ACK");
            String lastId = Long.toString((acknowledged + 1) * opsPerMessage);
            if (!lastId.equals(reply.lastId()) || !"PERSISTED".equals(reply.achievedLevel())) {
                throw new IllegalStateException(
                        "expected an OP_ACK of %s, got %s at level %s"
                                .formatted(lastId, reply.lastId(), reply.achievedLevel()));
            }
            acks.record(System.nanoTime() - dueNanos[(int) (acknowledged % MAX_UNDER_WAY)]);
            acknowledged++;
            underWay--;
            refill();
        }
    }
}
