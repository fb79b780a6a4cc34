package dev.wingman.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A storm of connections, each open long enough to be of use and then reset: plain until the
 * upgrade is answered, authenticated until AUTH is.
 */
final class ConnectScenario implements Scenario {
    private static final int AT_A_TIME = 64;
    private static final Duration WARM_UP = Duration.ofSeconds(14);
    private static final Duration MEASURED = Duration.ofSeconds(6);
    private static final int PLAIN_TARGET = 10_000;
    private static final int AUTHENTICATED_TARGET = 5_000;
    private static final double CPU_TARGET_MICROS = 100;

    @Override
    public String name() {
        return "connects";
    }

    @Override
    public List<Row> run(Workplace workplace) throws IOException, InterruptedException {
        Outcome plain;
        try (ServerProcess server = workplace.openServer()) {
            plain = storm(server, null);
        }
        Outcome authenticated;
        try (ServerProcess server = workplace.guardedServer()) {
            authenticated = storm(server, new Users());
        }
        return List.of(
                plain.rate("connects, plain", PLAIN_TARGET),
                Row.judged(
                        "server CPU for one of them, its end included",
                        String.format(Locale.ROOT, "%.0f us", plain.cpuMicros()),
                        "< 100 us",
                        plain.cpuMicros() < CPU_TARGET_MICROS),
                authenticated.rate("connects, authenticated", AUTHENTICATED_TARGET),
                Row.plain(
                        "server CPU for one of them, its end included",
                        String.format(Locale.ROOT, "%.0f us", authenticated.cpuMicros())));
    }

    private record Outcome(long warmUps, Window window, Latency setUps) {
        double cpuMicros() {
            return window.serverMicrosEach(setUps.count());
        }

        Row rate(String scenario, int target) {
            double perSecond = window.perSecond(setUps.count());
            return Row.judged(
                    "%s (warmed up by %,d)".formatted(scenario, warmUps),
                    String.format(
                            Locale.ROOT, "%,.0f/s, %s; %s", perSecond, setUps, window.cores()),
                    String.format(Locale.ROOT, ">= %,d/s", target),
                    perSecond >= target);
        }
    }

    private static Outcome storm(ServerProcess server, @Nullable Users users) throws IOException {
        try (var generator = new Generator(server.address())) {
            var storm = new Storm(generator, users);
            for (int i = 0; i < AT_A_TIME; i++) {
                storm.next();
            }
            generator.turnFor(WARM_UP);
            long warmUps = storm.setUps.count();
            storm.setUps.reset();
            var window = Window.open(server);
            generator.turnFor(MEASURED);
            return new Outcome(warmUps, window.close(), storm.setUps);
        }
    }

    /** Opens the next connection as soon as one is done. */
    private static final class Storm {
        private final Generator generator;
        private final @Nullable Users users;
        private final Reply reply = new Reply();
        private final Latency setUps = new Latency();

        Storm(Generator generator, @Nullable Users users) {
            this.generator = generator;
            this.users = users;
        }

        void next() throws IOException {
            generator.connect(new SetUp(this));
        }
    }

    private static final class SetUp implements Socket.Listener {
        private final Storm storm;
        private final long beganNanos = System.nanoTime();

        SetUp(Storm storm) {
            this.storm = storm;
        }

        @Override
        public void opened(Socket socket) throws IOException {
            if (storm.users == null) {
                done(socket);
            } else {
                socket.write(storm.users.nextAuth());
            }
        }

        @Override
        public void message(Socket socket, byte[] bytes, int offset, int length)
                throws IOException {
            String type = storm.reply.read(bytes, offset, length).type();
            if (type.equals("AUTH_ACK")) {
                done(socket);
            } else if (!type.equals("AUTH_REQUIRED")) {
                throw new IllegalStateException("AUTH was answered by " + type);
            }
        }

        private void done(Socket socket) throws IOException {
            storm.setUps.record(System.nanoTime() - beganNanos);
            socket.abort();
            storm.next();
        }
    }
}
