package dev.wingman.cluster.membership;

import dev.wingman.protocol.NodeId;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Learns the rhythm of each node's heartbeats and suspects it when its silence has become
 * improbable.
 *
 * <p>Thread-safe. Keeps up to {@link PhiAccrualConfig#maxSamples} intervals for each node until it
 * is removed.
 */
public final class PhiAccrualFailureDetector implements FailureDetector {
    private static final int FEWEST_INTERVALS = 3;

    private final PhiAccrualConfig config;
    private final PhiFormula formula;
    private final OwnStalls ownStalls;
    private final Map<NodeId, Rhythm> rhythms = new ConcurrentHashMap<>();

    /** The detector that runs. */
    public PhiAccrualFailureDetector(PhiAccrualConfig config, OwnStalls ownStalls) {
        this(config, PhiFormula.DIRECT_TAIL, ownStalls);
    }

    PhiAccrualFailureDetector(PhiAccrualConfig config, PhiFormula formula, OwnStalls ownStalls) {
        this.config = config;
        this.formula = formula;
        this.ownStalls = ownStalls;
    }

    @Override
    public void heartbeat(NodeId node, long nowMillis) {
        rhythms.compute(
                node,
                (_, rhythm) ->
                        rhythm == null
                                ? Rhythm.startingAt(nowMillis)
                                : rhythm.beat(nowMillis, config));
    }

    @Override
    public boolean isAlive(NodeId node, long nowMillis) {
        return suspicionLevel(node, nowMillis) < config.threshold();
    }

    @Override
    public OptionalLong lastHeartbeat(NodeId node) {
        Rhythm rhythm = rhythms.get(node);
        return rhythm == null ? OptionalLong.empty() : OptionalLong.of(rhythm.lastMillis);
    }

    @Override
    public double suspicionLevel(NodeId node, long nowMillis) {
        Rhythm rhythm = rhythms.get(node);
        if (rhythm == null) {
            return 0;
        }
        long silence = Math.max(0, nowMillis - rhythm.lastMillis);
        long stalled = ownStalls.recentMillis(nowMillis);
        if (rhythm.intervals.length < FEWEST_INTERVALS) {
            double unexcused = Math.max(0, silence - stalled);
            return unexcused / config.maxSilence().toMillis() * config.threshold();
        }
        long pause = config.acceptablePause().toMillis() + stalled;
        return formula.phi(silence - rhythm.meanMillis - pause, rhythm.deviationMillis);
    }

    @Override
    public void remove(NodeId node) {
        rhythms.remove(node);
    }

    @Override
    public void reset() {
        rhythms.clear();
    }

    /** Immutable, so that readers see a mean and a deviation that belong together. */
    private static final class Rhythm {
        final long lastMillis;

        /** Oldest first. */
        final long[] intervals;

        final double meanMillis;
        final double deviationMillis;

        private Rhythm(long lastMillis, long[] intervals, double minDeviationMillis) {
            this.lastMillis = lastMillis;
            this.intervals = intervals;
            this.meanMillis = mean(intervals);
            this.deviationMillis = Math.max(deviation(intervals, meanMillis), minDeviationMillis);
        }

        static Rhythm startingAt(long nowMillis) {
            return new Rhythm(nowMillis, new long[0], 0);
        }

        /** An interval beyond the longest silence was an outage: it says nothing of the rhythm. */
        Rhythm beat(long nowMillis, PhiAccrualConfig config) {
            long interval = Math.max(0, nowMillis - lastMillis);
            double minDeviationMillis = config.minDeviation().toMillis();
            if (interval > config.maxSilence().toMillis()) {
                return new Rhythm(nowMillis, intervals, minDeviationMillis);
            }
            int kept = Math.min(intervals.length, config.maxSamples() - 1);
            long[] next =
                    Arrays.copyOfRange(intervals, intervals.length - kept, intervals.length + 1);
            next[kept] = interval;
            return new Rhythm(nowMillis, next, minDeviationMillis);
        }

        private static double mean(long[] intervals) {
            double sum = 0;
            for (long interval : intervals) {
                sum += interval;
            }
            return sum / intervals.length;
        }

        private static double deviation(long[] intervals, double mean) {
            double squares = 0;
            for (long interval : intervals) {
                squares += (interval - mean) * (interval - mean);
            }
            return Math.sqrt(squares / intervals.length);
        }
    }
}
