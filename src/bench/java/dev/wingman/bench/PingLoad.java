package dev.wingman.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * Clients that send PING over their sockets and check every PONG: the shortest request there is.
 *
 * <p>Confined to one thread.
 */
final class PingLoad implements AutoCloseable {
    private static final int MAX_UNDER_WAY = 1 << 12;
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final Generator generator;
    private final Requests requests = new Requests();
    private final Reply reply = new Reply();
    private final Latency answers = new Latency();
    private final List<Client> clients = new ArrayList<>();
    private int opened;
    private boolean goesOn;
    private int turn;
    private long underWay;

    PingLoad(InetSocketAddress server, int connections) throws IOException {
        this.generator = new Generator(server);
        for (int i = 0; i < connections; i++) {
            clients.add(new Client(generator));
        }
        generator.turnUntil(() -> opened == connections, LIMIT);
    }

    /** From the moment a request was due until its answer. */
    Latency answers() {
        return answers;
    }

    /** Closed loop: every connection sends its next request when it has its answer. */
    void keepAsking(Duration time) throws IOException {
        goesOn = true;
        for (Client client : clients) {
            if (client.dueNanos.isEmpty()) {
                client.ask(System.nanoTime());
            }
        }
        generator.turnFor(time);
        goesOn = false;
    }

    /** Open loop: requests are due at fixed times, whatever the server does. */
    void askAtRate(double perSecond, Duration time) throws IOException {
        generator.pace(perSecond, time, this::askNext);
    }

    private void askNext(long dueNanos) {
        turn = (turn + 1) % clients.size();
        clients.get(turn).ask(dueNanos);
    }

    /** Waits for all answers. */
    void drain() throws IOException {
        generator.turnUntil(() -> underWay == 0, LIMIT);
    }

    @Override
    public void close() throws IOException {
        generator.close();
    }

    private final class Client implements Socket.Listener {
        private final Socket socket;
        private final Queue<Long> dueNanos = new ArrayDeque<>();

        Client(Generator generator) throws IOException {
            this.socket = generator.connect(this);
        }

        void ask(long due) {
            if (dueNanos.size() == MAX_UNDER_WAY) {
                throw new IllegalStateException("the server does not keep up with this rate");
            }
            socket.write(requests.ping(System.currentTimeMillis()));
            dueNanos.add(due);
            underWay++;
        }

        @Override
        public void opened(Socket opening) {
            opened++;
        }

        @Override
        public void message(Socket from, byte[] bytes, int offset, int length) throws IOException {
            var _ = reply.read(bytes, offset, length).expect("PONG");
            answers.record(System.nanoTime() - dueNanos.remove());
            underWay--;
            if (goesOn) {
                ask(System.nanoTime());
            }
        }
    }
}
