package dev.wingman.cluster.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.wingman.protocol.NodeId;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.apache.commons.numbers.gamma.Erfc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class FailureDetectorTest {
    private static final NodeId PEER = new NodeId("peer");

    /** The specification knows no acceptable pause. */
    private static final PhiAccrualConfig SPECIFIED =
            new PhiAccrualConfig(
                    8.0, 200, Duration.ofMillis(100), Duration.ofSeconds(5), Duration.ZERO);

    private static PhiAccrualFailureDetector specified() {
        return new PhiAccrualFailureDetector(
                SPECIFIED, PhiFormula.ONE_MINUS_DISTRIBUTION, new OwnStalls());
    }

    private static PhiAccrualFailureDetector running(OwnStalls stalls) {
        return new PhiAccrualFailureDetector(PhiAccrualConfig.DEFAULTS, stalls);
    }

    /** Returns the time of the last beat. */
    private static long beats(FailureDetector detector, long... intervals) {
        long now = 0;
        detector.heartbeat(PEER, now);
        for (long interval : intervals) {
            now += interval;
            detector.heartbeat(PEER, now);
        }
        return now;
    }

    private static long steadyBeats(FailureDetector detector, int count) {
        long[] intervals = new long[count];
        Arrays.fill(intervals, 1_000);
        return beats(detector, intervals);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0", "900, 0.07503", "1000, 0.30103", "1100, 0.79955", "1200, 1.64302",
        "1300, 2.86968", "1400, 4.49913", "1500, 6.54196", "1561, 7.99381", "1562, 8.01892",
        "1600, 9.00431", "1700, 11.89006", "1800, 15.17644"
    })
    void theSpecifiedFormulaHasTheSpecifiedValues(long silence, double phi) {
        var detector = specified();
        long last = steadyBeats(detector, 10);

        assertThat(detector.suspicionLevel(PEER, last + silence)).isCloseTo(phi, within(1e-5));
    }

    @ParameterizedTest
    @CsvSource({"2000", "3000", "1000000000"})
    void theSpecifiedFormulaEndsAtTheSmallestNormalNumber(long silence) {
        var detector = specified();
        long last = steadyBeats(detector, 10);

        assertThat(detector.suspicionLevel(PEER, last + silence)).isEqualTo(307.6526555685888);
    }

    @ParameterizedTest
    @CsvSource({"700, 0.02591", "1200, 0.52275", "1700, 2.35780", "2000, 4.27952", "2500, 8.93820"})
    void anUnevenRhythmIsGivenMoreTime(long silence, double phi) {
        var detector = specified();
        long last = beats(detector, 1200, 900, 1400, 800);

        assertThat(detector.suspicionLevel(PEER, last + silence)).isCloseTo(phi, within(1e-5));
        assertThat(detector.isAlive(PEER, last + 2_413)).isTrue();
        assertThat(detector.isAlive(PEER, last + 2_414)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"1562, 8.0201, 1e-4", "2000, 23.118, 1e-3", "3000, 88.56, 1e-2"})
    void theTailItselfIsTheSameAtFirstAndThenSmooth(long silence, double phi, double error) {
        var detector =
                new PhiAccrualFailureDetector(SPECIFIED, PhiFormula.DIRECT_TAIL, new OwnStalls());
        long last = steadyBeats(detector, 10);

        assertThat(detector.suspicionLevel(PEER, last + silence)).isCloseTo(phi, within(error));
        for (long early = 0; early <= 1_700; early += 10) {
            var reference = specified();
            steadyBeats(reference, 10);
            assertThat(detector.suspicionLevel(PEER, last + early))
                    .isCloseTo(reference.suspicionLevel(PEER, last + early), within(0.02));
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 0.1572992", "2, 0.0046778", "-1, 1.8427008"})
    void theSpecifiedErrorFunctionHasTheSpecifiedValues(double x, double erfc) {
        assertThat(PhiFormula.erfcOfAbramowitzAndStegun(x)).isCloseTo(erfc, within(2e-7));
        assertThat(
                        PhiFormula.erfcOfAbramowitzAndStegun(x)
                                + PhiFormula.erfcOfAbramowitzAndStegun(-x))
                .isCloseTo(2, within(2e-7));
    }

    /** The bound is that of the source; each of its constants takes part in keeping it. */
    @Test
    void theSpecifiedErrorFunctionIsOffByNoMoreThanItsSourceSays() {
        double worst = 0;
        for (double x = -5; x <= 5; x += 1 / 1024.0) {
            double error = PhiFormula.erfcOfAbramowitzAndStegun(x) - Erfc.value(x);
            worst = Math.max(worst, Math.abs(error));
        }

        assertThat(worst).isBetween(1.3e-7, 1.5e-7);
    }

    @ParameterizedTest
    @EnumSource
    void halfOfAllHeartbeatsComeAfterTheMean(PhiFormula formula) {
        assertThat(formula.phi(0, 1)).isCloseTo(Math.log10(2), within(1e-8));
        assertThat(formula.phi(-1e9, 1)).isZero();
    }

    @Test
    void theAcceptablePauseIsAddedToTheMean() {
        var pausing = running(new OwnStalls());
        var strict =
                new PhiAccrualFailureDetector(SPECIFIED, PhiFormula.DIRECT_TAIL, new OwnStalls());
        long last = steadyBeats(pausing, 10);
        steadyBeats(strict, 10);

        assertThat(pausing.suspicionLevel(PEER, last + 3_500))
                .isEqualTo(strict.suspicionLevel(PEER, last + 1_500));
        assertThat(pausing.isAlive(PEER, last + 3_561)).isTrue();
        assertThat(pausing.isAlive(PEER, last + 3_562)).isFalse();
    }

    @Test
    void fewerThanThreeIntervalsGrowInALineToTheLongestSilence() {
        var detector = specified();
        long last = beats(detector, 1_000, 1_000);

        assertThat(detector.suspicionLevel(PEER, last + 2_500)).isEqualTo(4.0);
        assertThat(detector.suspicionLevel(PEER, last + 5_000)).isEqualTo(8.0);
        assertThat(detector.isAlive(PEER, last + 4_999)).isTrue();
        assertThat(detector.isAlive(PEER, last + 5_000)).isFalse();
        detector.heartbeat(PEER, last + 1_000);
        assertThat(detector.suspicionLevel(PEER, last + 2_000)).isEqualTo(0.30103, within(1e-5));
    }

    static Stream<FailureDetector> detectors() {
        return Stream.of(
                specified(),
                running(new OwnStalls()),
                new DeadlineFailureDetector(Duration.ofSeconds(5)));
    }

    @ParameterizedTest
    @MethodSource("detectors")
    void aNodeThatWasNeverHeardOfIsAlive(FailureDetector detector) {
        assertThat(detector.isAlive(PEER, Long.MAX_VALUE)).isTrue();
        assertThat(detector.suspicionLevel(PEER, Long.MAX_VALUE)).isZero();
        assertThat(detector.lastHeartbeat(PEER)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("detectors")
    void aNodeThatIsRemovedIsForgottenAndOthersAreNot(FailureDetector detector) {
        var other = new NodeId("other");
        detector.heartbeat(PEER, 10);
        detector.heartbeat(other, 20);

        detector.remove(PEER);

        assertThat(detector.lastHeartbeat(PEER)).isEmpty();
        assertThat(detector.lastHeartbeat(other)).hasValue(20);
        detector.reset();
        assertThat(detector.lastHeartbeat(other)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("detectors")
    void aClockThatGoesBackMakesNobodySuspicious(FailureDetector detector) {
        long last = steadyBeats(detector, 10);

        assertThat(detector.suspicionLevel(PEER, last - 5_000)).isLessThan(0.01);
        detector.heartbeat(PEER, last - 5_000);
        assertThat(detector.lastHeartbeat(PEER)).hasValue(last - 5_000);
        assertThat(detector.isAlive(PEER, last + 5_000)).isFalse();
    }

    @Test
    void theDeadlineIsExact() {
        var detector = new DeadlineFailureDetector(Duration.ofSeconds(5));
        detector.heartbeat(PEER, 1_000);

        assertThat(detector.isAlive(PEER, 6_000)).isTrue();
        assertThat(detector.isAlive(PEER, 6_001)).isFalse();
        assertThat(detector.suspicionLevel(PEER, 3_500)).isEqualTo(4.0);
    }

    @ParameterizedTest
    @EnumSource
    void suspicionNeverFallsWithTimeAndIsNeverInfinite(PhiFormula formula) {
        for (long seed : List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L)) {
            var random = new SplittableRandom(seed);
            var detector =
                    new PhiAccrualFailureDetector(
                            PhiAccrualConfig.DEFAULTS, formula, new OwnStalls());
            long[] intervals = random.longs(random.nextInt(12), 0, 4_000).toArray();
            long now = beats(detector, intervals);
            double level = 0;
            for (long silence = 0; silence < 1L << 50; silence += 1 + silence / 100) {
                double next = detector.suspicionLevel(PEER, now + silence);
                assertThat(next).as("seed %d, %d ms", seed, silence).isGreaterThanOrEqualTo(level);
                assertThat(next).isFinite();
                level = next;
            }
            assertThat(level).isGreaterThan(8);
        }
    }

    @Test
    void onlyTheLatestIntervalsCount() {
        var detector = specified();
        long last = steadyBeats(detector, 200);
        for (int i = 0; i < 199; i++) {
            last += 2_000;
            detector.heartbeat(PEER, last);
        }
        double withOneOfTheOldRhythm = detector.suspicionLevel(PEER, last + 2_000);
        detector.heartbeat(PEER, last + 2_000);

        assertThat(withOneOfTheOldRhythm).isGreaterThan(0.302);
        assertThat(detector.suspicionLevel(PEER, last + 4_000)).isEqualTo(0.30103, within(1e-5));
    }

    /** Else a minute's absence would hide the next one for as long as it is remembered. */
    @Test
    void anOutageIsNoPartOfTheRhythm() {
        var detector = running(new OwnStalls());
        long back = steadyBeats(detector, 10) + 60_000;
        detector.heartbeat(PEER, back);

        assertThat(detector.isAlive(PEER, back + 3_561)).isTrue();
        assertThat(detector.isAlive(PEER, back + 3_562)).isFalse();
    }

    @Test
    void theLongestSilenceIsStillPartOfTheRhythm() {
        var detector = running(new OwnStalls());
        long last = steadyBeats(detector, 10) + 5_000;
        detector.heartbeat(PEER, last);

        assertThat(detector.isAlive(PEER, last + 5_000)).isTrue();
    }

    @Test
    void aNodeThatHasStalledItselfIsSlowerToSuspectOthers() {
        var stalls = new OwnStalls();
        var detector = running(stalls);
        long last = steadyBeats(detector, 10);
        stalls.tick(last);

        long woken = last + 6_000;
        assertThat(detector.isAlive(PEER, woken)).isTrue();
        stalls.tick(woken);
        assertThat(detector.isAlive(PEER, woken)).isTrue();
        for (long now = woken + 100; now <= woken + 10_000; now += 100) {
            stalls.tick(now);
        }
        assertThat(detector.isAlive(PEER, woken + 4_000)).isFalse();
        assertThat(detector.isAlive(PEER, last + 3_700)).isTrue();
        assertThat(detector.isAlive(PEER, woken + 10_001)).isFalse();
    }

    @Test
    void aStallExcusesANewNodeAsWell() {
        var stalls = new OwnStalls();
        var detector = running(stalls);
        detector.heartbeat(PEER, 0);
        stalls.tick(0);

        assertThat(detector.suspicionLevel(PEER, 6_000)).isEqualTo(100.0 / 5_000 * 8);
        assertThat(detector.suspicionLevel(PEER, 600)).isEqualTo(600.0 / 5_000 * 8);
    }
}
