package dev.wingman.sync.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.testing.Seeds;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SimulationTest {
    static LongStream seeds() {
        return Seeds.some(400);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whateverHappensNothingAcknowledgedIsLostAndEverybodyAgreesInTheEnd(long seed) {
        var simulation = new Simulation(seed);

        try {
            simulation.run();
        } catch (AssertionError e) {
            throw new AssertionError(report(seed, simulation.trace()), e);
        }
    }

    private static String report(long seed, String trace) {
        int from = Math.max(0, trace.length() - 3_000);
        return "-Dseed=%d replays what ends so:%n%s".formatted(seed, trace.substring(from));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#few")
    void aSeedReplaysByteForByte(long seed) {
        var first = new Simulation(seed);
        var second = new Simulation(seed);

        first.run();
        second.run();

        assertThat(second.trace()).isEqualTo(first.trace()).hasSizeGreaterThan(10_000);
    }

    @Test
    void theSeedsMeetTroubleOfEveryKind() {
        var tally = new Tally();

        LongStream.range(0, 40).forEach(seed -> tally.add(new Simulation(seed).run()));

        assertThat(tally)
                .hasNoNullFieldsOrProperties()
                .satisfies(
                        all -> assertThat(all.acknowledged).isGreaterThan(5_000),
                        all -> assertThat(all.refused).isGreaterThan(20),
                        all -> assertThat(all.crashes).isGreaterThan(40),
                        all -> assertThat(all.slowConsumers).isPositive(),
                        all -> assertThat(all.resentQueries).isPositive(),
                        all -> assertThat(all.cutDeltas).isGreaterThan(40),
                        all -> assertThat(all.cutLeaves).isGreaterThan(40));
    }
}
