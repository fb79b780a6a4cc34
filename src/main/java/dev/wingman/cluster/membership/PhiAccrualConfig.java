package dev.wingman.cluster.membership;

import java.time.Duration;

/**
 * When a silent node is suspected. Values are checked by {@code ClusterConfig}, which has their
 * keys.
 *
 * @param threshold phi from which a node is suspected; lower notices sooner and is fooled more
 *     often
 * @param maxSamples intervals between heartbeats that are remembered of each node
 * @param minDeviation of the intervals: a rhythm that was perfect so far is not expected to stay so
 * @param maxSilence after which a node is suspected of which fewer than three intervals are known
 * @param acceptablePause added to the mean interval: how long a node may stall without being
 *     suspected
 */
public record PhiAccrualConfig(
        double threshold,
        int maxSamples,
        Duration minDeviation,
        Duration maxSilence,
        Duration acceptablePause) {
    public static final PhiAccrualConfig DEFAULTS =
            new PhiAccrualConfig(
                    8.0, 200, Duration.ofMillis(100), Duration.ofSeconds(5), Duration.ofSeconds(2));
}
