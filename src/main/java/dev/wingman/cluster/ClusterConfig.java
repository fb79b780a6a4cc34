package dev.wingman.cluster;

import dev.wingman.cluster.membership.PhiAccrualConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How a node finds and judges the others, and how many copies they keep; the keys {@code
 * wingman.cluster.*}.
 *
 * @param clusterId nodes with another one are refused
 * @param seeds where to look for the cluster, {@code host:port}; none forms one alone
 * @param heartbeatInterval between the heartbeats to each other node
 * @param detector when a silent node is suspected
 * @param suspicionTimeout silence after which a suspected node is dead
 * @param backups copies beside the owner's
 * @param maxParallelMigrations that a node takes part in at a time, at either end
 * @param splitBrainCheckInterval between looks for another cluster with the same id
 */
public record ClusterConfig(
        String clusterId,
        List<String> seeds,
        Duration heartbeatInterval,
        PhiAccrualConfig detector,
        Duration suspicionTimeout,
        int backups,
        int maxParallelMigrations,
        Duration splitBrainCheckInterval) {
    public static final int MAX_BACKUPS = 4;

    public static final ClusterConfig DEFAULTS =
            new ClusterConfig(
                    "wingman",
                    List.of(),
                    Duration.ofSeconds(1),
                    PhiAccrualConfig.DEFAULTS,
                    Duration.ofSeconds(10),
                    1,
                    2,
                    Duration.ofSeconds(30));

    private static final Pattern SEED = Pattern.compile("(?:[^\\s:/]+|\\[[0-9a-fA-F:]+]):\\d+");
    private static final int MAX_PORT = 65_535;

    /** Says of all values at once what is wrong with them, in one line each. */
    public ClusterConfig {
        var problems = new ArrayList<String>();
        require(!clusterId.isBlank(), "cluster-id must not be empty", problems);
        for (String seed : seeds) {
            require(isAddress(seed), "seeds must be host:port, is " + seed, problems);
        }
        requirePositive("heartbeat-interval", heartbeatInterval, problems);
        requirePositive("suspicion-timeout", suspicionTimeout, problems);
        requirePositive("split-brain-check-interval", splitBrainCheckInterval, problems);
        check(detector, heartbeatInterval, problems);
        require(
                backups >= 0 && backups <= MAX_BACKUPS,
                "backups must be 0 to " + MAX_BACKUPS + ", is " + backups,
                problems);
        require(
                maxParallelMigrations >= 1,
                "max-parallel-migrations must be 1 or more, is " + maxParallelMigrations,
                problems);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
        seeds = List.copyOf(seeds);
    }

    private static void check(
            PhiAccrualConfig detector, Duration heartbeatInterval, List<String> problems) {
        require(
                detector.threshold() >= 1 && detector.threshold() <= 300,
                "phi-threshold must be 1 to 300, is " + detector.threshold(),
                problems);
        require(
                detector.maxSamples() >= 3 && detector.maxSamples() <= 10_000,
                "max-sample-size must be 3 to 10000, is " + detector.maxSamples(),
                problems);
        requirePositive("min-std-dev", detector.minDeviation(), problems);
        require(
                !detector.acceptablePause().isNegative(),
                "acceptable-pause must not be negative, is " + detector.acceptablePause(),
                problems);
        require(
                detector.maxSilence().compareTo(heartbeatInterval) > 0,
                "max-no-heartbeat must be longer than heartbeat-interval, is "
                        + detector.maxSilence(),
                problems);
    }

    private static boolean isAddress(String seed) {
        if (!SEED.matcher(seed).matches()) {
            return false;
        }
        String port = seed.substring(seed.lastIndexOf(':') + 1);
        return port.length() <= 5 && Integer.parseInt(port) <= MAX_PORT && !port.equals("0");
    }

    private static void requirePositive(String key, Duration value, List<String> problems) {
        require(value.toMillis() > 0, key + " must be longer than 0 ms, is " + value, problems);
    }

    private static void require(boolean condition, String problem, List<String> problems) {
        if (!condition) {
            problems.add("wingman.cluster." + problem);
        }
    }
}
