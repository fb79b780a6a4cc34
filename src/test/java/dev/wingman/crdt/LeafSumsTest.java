package dev.wingman.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LeafSumsTest {
    @Test
    void aNewMapIsEmptyEverywhere() {
        var sums = new LeafSums();

        assertThat(sums.liveCount()).isZero();
        assertThat(sums.tombstoneCount()).isZero();
        assertThat(sums.usedLeaves()).isZero();
        assertThat(sums.sum(4095)).isZero();
        assertThat(sums.isOccupied(0)).isFalse();
    }

    @Test
    void aRemovalTurnsALiveKeyIntoATombstone() {
        var sums = new LeafSums();
        var put = new LwwRecord<>("v", new Timestamp(1, 0, "n"), 0);
        LwwRecord<String> removal = new LwwRecord<>(null, new Timestamp(2, 0, "n"), 0);
        int leaf = MerkleTrie.leafOf(TextHash.of("key"));

        sums.add(LeafDelta.of("key", null, put));
        sums.add(LeafDelta.of("key", put, removal));

        assertThat(sums.liveCount()).isZero();
        assertThat(sums.tombstoneCount()).isEqualTo(1);
        assertThat(sums.isOccupied(leaf)).isTrue();
        assertThat(sums.sum(leaf))
                .isEqualTo(MerkleTrie.mix(TextHash.ofEntry("key", removal.timestamp())));
    }

    @ParameterizedTest
    @ValueSource(ints = {6, 7, 100, 3072, 3073, 4096})
    void growsUntilEveryLeafHasItsPlace(int leaves) {
        var sums = new LeafSums();

        for (int i = 0; i < leaves; i++) {
            int leaf = i * 37 % LeafSums.LEAVES; // 37 is coprime to 4096: every leaf once
            sums.add(new LeafDelta(leaf, leaf + 1, 1, 2));
        }

        assertThat(sums.usedLeaves()).isEqualTo(leaves);
        assertThat(sums.liveCount()).isEqualTo(leaves);
        assertThat(sums.tombstoneCount()).isEqualTo(2L * leaves);
        for (int i = 0; i < LeafSums.LEAVES; i++) {
            int leaf = i * 37 % LeafSums.LEAVES;
            assertThat(sums.sum(leaf)).isEqualTo(i < leaves ? leaf + 1 : 0);
            assertThat(sums.isOccupied(leaf)).isEqualTo(i < leaves);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void agreesWithSumsMadeFromScratch(long seed) {
        var random = new SplittableRandom(seed);
        var sums = new LeafSums();
        Map<String, LwwRecord<String>> records = new HashMap<>();

        for (int i = 0; i < 2_000; i++) {
            String key = key(random);
            LwwRecord<String> write = write(random);
            if (write.supersedes(records.get(key))) {
                sums.add(LeafDelta.of(key, records.put(key, write), write));
            }
        }

        Naive expected = Naive.of(records);
        assertThat(sums.liveCount()).isEqualTo(expected.live);
        assertThat(sums.tombstoneCount()).isEqualTo(expected.tombstones);
        for (int leaf = 0; leaf < LeafSums.LEAVES; leaf++) {
            assertThat(sums.sum(leaf)).isEqualTo(expected.sums.getOrDefault(leaf, 0));
            assertThat(sums.isOccupied(leaf)).isEqualTo(expected.sums.containsKey(leaf));
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void sumsOfDisjointKeysAddUpToThoseOfTheirUnion(long seed) {
        var random = new SplittableRandom(seed);
        var union = new LeafSums();
        var parts = new LeafSums[] {new LeafSums(), new LeafSums(), new LeafSums()};
        int keys = random.nextInt(1, 5_000);
        for (int i = 0; i < keys; i++) {
            LeafDelta delta = LeafDelta.of("key" + i, null, write(random));
            union.add(delta);
            parts[random.nextInt(parts.length)].add(delta);
        }

        var added = new LeafSums();
        for (LeafSums part : parts) {
            added.add(part);
        }

        assertThat(added).isEqualTo(union).hasSameHashCodeAs(union);
        assertThat(MerkleTrie.root(added)).isEqualTo(MerkleTrie.root(union));
    }

    @Test
    void aCopyIsEqualAndGoesItsOwnWay() {
        var sums = new LeafSums();
        sums.add(new LeafDelta(7, 70, 1, 0));

        LeafSums copy = sums.copy();
        sums.add(new LeafDelta(7, 1, 1, 0));

        assertThat(copy.sum(7)).isEqualTo(70);
        assertThat(copy).isNotEqualTo(sums);
        copy.add(new LeafDelta(7, 1, 1, 0));
        assertThat(copy).isEqualTo(sums).hasSameHashCodeAs(sums);
    }

    @Test
    void equalityLooksAtSumsAndBothCounts() {
        var sums = new LeafSums();
        sums.add(new LeafDelta(7, 70, 1, 1));

        assertThat(sums).isNotEqualTo(single(new LeafDelta(8, 70, 1, 1)));
        assertThat(sums).isNotEqualTo(single(new LeafDelta(7, 71, 1, 1)));
        assertThat(sums).isNotEqualTo(single(new LeafDelta(7, 70, 2, 1)));
        assertThat(sums).isNotEqualTo(single(new LeafDelta(7, 70, 1, 2)));
        assertThat(sums).isEqualTo(single(new LeafDelta(7, 70, 1, 1)));
    }

    @Test
    void aLeafThatBecameEmptyIsAsGoodAsOneNeverWritten() {
        var sums = new LeafSums();
        sums.add(new LeafDelta(7, 70, 1, 0));

        sums.add(new LeafDelta(7, -70, -1, 0));

        assertThat(sums).isEqualTo(new LeafSums()).hasSameHashCodeAs(new LeafSums());
        assertThat(sums.isOccupied(7)).isFalse();
    }

    private static LeafSums single(LeafDelta delta) {
        var sums = new LeafSums();
        sums.add(delta);
        return sums;
    }

    private static String key(SplittableRandom random) {
        return "key" + random.nextInt(300);
    }

    private static LwwRecord<String> write(SplittableRandom random) {
        var timestamp = new Timestamp(random.nextLong(1_000), random.nextLong(3), "n");
        return new LwwRecord<>(random.nextInt(4) == 0 ? null : "v", timestamp, 0);
    }

    /** The same from the whole set of records, without increments. */
    private static final class Naive {
        private final Map<Integer, Integer> sums = new HashMap<>();
        private long live;
        private long tombstones;

        static Naive of(Map<String, LwwRecord<String>> records) {
            var naive = new Naive();
            records.forEach((key, record) -> {
                int hash = TextHash.of(key + ":" + record.timestamp());
                int leaf = Integer.parseInt(hex(TextHash.of(key)).substring(0, 3), 16);
                naive.sums.merge(leaf, MerkleTrie.mix(hash), Integer::sum);
                naive.live += record.value() == null ? 0 : 1;
                naive.tombstones += record.value() == null ? 1 : 0;
            });
            return naive;
        }

        private static String hex(int hash) {
            return "%08x".formatted(hash);
        }
    }
}
