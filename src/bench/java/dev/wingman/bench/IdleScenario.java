package dev.wingman.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What an authenticated connection costs while nothing happens on it. */
final class IdleScenario implements Scenario {
    private static final int WARM_UPS = 2_000;
    private static final int[] STEPS = {1_000, 5_000, 10_000, 19_000};
    private static final int AT_A_TIME = 64;
    private static final double TARGET_KIB = 24;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Override
    public String name() {
        return "idle";
    }

    @Override
    public List<Row> run(Workplace workplace) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        try (ServerProcess server = workplace.guardedServer()) {
            try (var generator = new Generator(server.address())) {
                new Crowd(generator).growTo(WARM_UPS);
            }
            Memory before = Memory.settled(server);
            try (var generator = new Generator(server.address())) {
                var crowd = new Crowd(generator);
                List<Memory> taken = new ArrayList<>();
                for (int step : STEPS) {
                    crowd.growTo(step);
                    taken.add(Memory.settled(server));
                    rows.add(row(step, taken.getLast(), before));
                }
                rows.add(slope(taken));
            }
        }
        return rows;
    }

    private static Row row(int connections, Memory with, Memory without) {
        return Row.judged(
                "%,d idle authenticated connections, memory of each".formatted(connections),
                with.each(without, connections),
                "<= 24 KiB RSS",
                with.eachKib(without, connections) <= TARGET_KIB);
    }

    /** Whether the last ones take more than those before. */
    private static Row slope(List<Memory> taken) {
        List<String> steps = new ArrayList<>();
        for (int i = 1; i < STEPS.length; i++) {
            long more = taken.get(i).rssKib() - taken.get(i - 1).rssKib();
            steps.add(
                    String.format(
                            Locale.ROOT,
                            "%.1f KiB up to %,d",
                            (double) more / (STEPS[i] - STEPS[i - 1]),
                            STEPS[i]));
        }
        return Row.plain("RSS of each further one", String.join(", ", steps));
    }

    /** Connections that authenticate and stay. */
    private static final class Crowd implements Socket.Listener {
        private final Generator generator;
        private final Reply reply = new Reply();
        private final Users users = new Users();
        private int begun;
        private int authenticated;

        Crowd(Generator generator) {
            this.generator = generator;
        }

        void growTo(int connections) throws IOException {
            while (begun < connections) {
                generator.connect(this);
                begun++;
                generator.turnUntil(() -> begun - authenticated < AT_A_TIME, LIMIT);
            }
            generator.turnUntil(() -> authenticated == connections, LIMIT);
        }

        @Override
        public void opened(Socket socket) {
            socket.write(users.nextAuth());
        }

        @Override
        public void message(Socket socket, byte[] bytes, int offset, int length)
                throws IOException {
            if (!reply.read(bytes, offset, length).type().equals("AUTH_REQUIRED")) {
                var _ = reply.expect("AUTH_ACK");
                authenticated++;
            }
        }
    }
}
