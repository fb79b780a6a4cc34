package dev.wingman.cluster.partition;

import dev.wingman.testing.Seeds;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * 100,000 histories of nodes that join, leave, crash, lose their disks and return. A seed is a tree
 * of 512 of them, which share their beginnings. Every plan is checked when it is made, and every
 * history is led to rest.
 */
class PlannerHistoriesTest {
    private static final int TREES = 196;
    private static final int BRANCHINGS = 9;
    private static final int STEPS_BETWEEN = 2;

    static LongStream trees() {
        return Seeds.some(TREES);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("trees")
    void copiesAreKeptAndBalanceIsReached(long seed) {
        var random = new SplittableRandom(seed);
        var planner = new MinimalMovePlanner(random.nextInt(3), random.nextInt(1, 3));

        grow(new World(planner, random.nextInt(1, 32)), BRANCHINGS, random);
    }

    private static void grow(World world, int branchings, SplittableRandom random) {
        if (branchings == 0) {
            world.settle();
            return;
        }
        for (int branch = 0; branch < 2; branch++) {
            World next = world.copy();
            for (int i = 0; i < STEPS_BETWEEN; i++) {
                next.step(random);
            }
            grow(next, branchings - 1, random);
        }
    }
}
