package dev.wingman.cluster.membership;

import dev.wingman.protocol.NodeId;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * One node that watches another over a link with faults, both with the default configuration: a
 * heartbeat every second, a look every 100 ms.
 */
final class DetectorTraffic {
    static final long BEAT_MILLIS = 1_000;

    private static final NodeId PEER = new NodeId("peer");
    private static final long GIVE_UP_MILLIS = 120_000;

    /**
     * What is wrong with the traffic.
     *
     * @param jitterMillis a heartbeat is under way for up to so long
     * @param loss share of heartbeats that do not arrive
     * @param peerPauses whether the peer stalls for 0.5 to 2 s twice a minute
     * @param ownPauses whether the watcher does
     * @param clockJumpMillis by which the watcher's clock goes ahead and back in turn, every five
     *     minutes
     */
    record Faults(
            String name,
            long jitterMillis,
            double loss,
            boolean peerPauses,
            boolean ownPauses,
            long clockJumpMillis) {}

    private final Faults faults;
    private final SplittableRandom random;
    private final OwnStalls stalls = new OwnStalls();
    private final PhiAccrualFailureDetector detector =
            new PhiAccrualFailureDetector(PhiAccrualConfig.DEFAULTS, stalls);

    /** When heartbeats arrive, on the true clock. */
    private final PriorityQueue<Long> arriving = new PriorityQueue<>();

    private final Pauses peerPauses;
    private final Pauses ownPauses;
    private long nowMillis;
    private long nextBeatMillis;
    private long skewMillis;
    private boolean suspected;

    /** Over the whole run, while the peer was alive. */
    int falseSuspicions;

    DetectorTraffic(Faults faults, SplittableRandom random) {
        this.faults = faults;
        this.random = random;
        peerPauses = new Pauses(faults.peerPauses(), random.split());
        ownPauses = new Pauses(faults.ownPauses(), random.split());
    }

    /** Lets the peer live for so long. */
    void run(long forMillis) {
        for (long end = nowMillis + forMillis;
                nowMillis < end;
                nowMillis += OwnStalls.TICK_MILLIS) {
            while (nextBeatMillis <= nowMillis) {
                beat();
            }
            boolean wasSuspected = suspected;
            look();
            falseSuspicions += suspected && !wasSuspected ? 1 : 0;
        }
    }

    /** Kills the peer; returns how long after its last heartbeat that was heard it is suspected. */
    long detectDeath() {
        long death = nowMillis;
        arriving.removeIf(at -> at > death + faults.jitterMillis());
        for (;
                !suspected && nowMillis < death + GIVE_UP_MILLIS;
                nowMillis += OwnStalls.TICK_MILLIS) {
            look();
        }
        long last = detector.lastHeartbeat(PEER).orElseThrow();
        return nowMillis + skewMillis - last;
    }

    private void beat() {
        long sent = peerPauses.endOf(nextBeatMillis);
        if (random.nextDouble() >= faults.loss()) {
            arriving.add(sent + random.nextLong(faults.jitterMillis() + 1));
        }
        nextBeatMillis = Math.max(sent, nextBeatMillis) + BEAT_MILLIS;
    }

    /** Does nothing while the watcher stalls. */
    private void look() {
        if (ownPauses.endOf(nowMillis) > nowMillis) {
            return;
        }
        long half = faults.clockJumpMillis() == 0 ? 0 : nowMillis / 300_000;
        skewMillis = half % 2 * faults.clockJumpMillis();
        long seen = nowMillis + skewMillis;
        while (!arriving.isEmpty() && arriving.peek() <= nowMillis) {
            arriving.poll();
            detector.heartbeat(PEER, seen);
        }
        suspected = !detector.isAlive(PEER, seen);
        stalls.tick(seen);
    }

    /** Of 0.5 to 2 s, each about 30 s after the one before. */
    private static final class Pauses {
        private final boolean happen;
        private final SplittableRandom random;
        private long start;
        private long end;

        Pauses(boolean happen, SplittableRandom random) {
            this.happen = happen;
            this.random = random;
        }

        /** The time itself when there is no pause; asked in order of time. */
        long endOf(long nowMillis) {
            while (happen && nowMillis >= end) {
                start = end + random.nextLong(20_000, 40_000);
                end = start + random.nextLong(500, 2_001);
            }
            return happen && nowMillis >= start ? end : nowMillis;
        }
    }
}
