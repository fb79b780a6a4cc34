package dev.wingman.cluster.membership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.cluster.membership.DetectorTraffic.Faults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What the default configuration is worth, as {@code src/docs/cluster.md} has it. */
class DetectorTrafficTest {
    private static final Path DOCUMENT = Path.of("src/docs/cluster.md");
    private static final long HOUR_MILLIS = 3_600_000;
    private static final int HOURS = 20;
    private static final int DEATHS = 200;

    private static final Faults STEADY = new Faults("steady", 2, 0, false, false, 0);
    private static final Faults JITTER = new Faults("up to 400 ms late", 400, 0, false, false, 0);
    private static final Faults PEER_PAUSES =
            new Faults("peer stalls 0.5 to 2 s, twice a minute", 2, 0, true, false, 0);
    private static final Faults OWN_PAUSES =
            new Faults("watcher stalls 0.5 to 2 s, twice a minute", 2, 0, false, true, 0);
    private static final Faults LOSS = new Faults("10 % lost", 2, 0.1, false, false, 0);
    private static final Faults CLOCK =
            new Faults("watcher's clock jumps 10 s ahead or back", 2, 0, false, false, 10_000);
    private static final Faults ALL =
            new Faults("all of it but the clock", 400, 0.1, true, true, 0);

    private record Figures(double falseSuspicionsPerHour, List<Long> detectedMillis) {
        double seconds(double percentile) {
            int index = (int) Math.ceil(percentile * detectedMillis.size()) - 1;
            return detectedMillis.get(index) / 1e3;
        }
    }

    private static Figures figures(Faults faults) {
        var random = new SplittableRandom(42);
        var watched = new DetectorTraffic(faults, random.split());
        watched.run(HOURS * HOUR_MILLIS);
        long[] detected = new long[DEATHS];
        for (int i = 0; i < DEATHS; i++) {
            var doomed = new DetectorTraffic(faults, random.split());
            doomed.run(400_000 + random.nextLong(DetectorTraffic.BEAT_MILLIS));
            detected[i] = doomed.detectDeath();
        }
        Arrays.sort(detected);
        return new Figures(
                (double) watched.falseSuspicions / HOURS, Arrays.stream(detected).boxed().toList());
    }

    @Test
    void pausesOfUpToTwoSecondsAtEitherEndMakeNobodySuspicious() {
        for (Faults faults : List.of(STEADY, JITTER, PEER_PAUSES, OWN_PAUSES, CLOCK)) {
            assertThat(figures(faults).falseSuspicionsPerHour()).as(faults.name()).isZero();
        }
    }

    @Test
    void theTableInTheDocumentIsWhatComesOut() throws IOException {
        var table = new StringBuilder();
        table.append("| heartbeats | false suspicions an hour | suspected after, p50 | p99 |\n");
        table.append("|---|---|---|---|\n");
        for (Faults faults : List.of(STEADY, JITTER, PEER_PAUSES, OWN_PAUSES, LOSS, CLOCK, ALL)) {
            Figures figures = figures(faults);
            table.append(
                    String.format(
                            Locale.ROOT,
                            "| %s | %.2f | %.1f s | %.1f s |\n",
                            faults.name(),
                            figures.falseSuspicionsPerHour(),
                            figures.seconds(0.5),
                            figures.seconds(0.99)));
        }

        assertThat(Files.readString(DOCUMENT)).contains(table);
    }
}
