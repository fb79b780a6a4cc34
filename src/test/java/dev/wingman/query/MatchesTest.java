package dev.wingman.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.Query;
import dev.wingman.protocol.Query.SortField;
import dev.wingman.protocol.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a part of a map tells a window may be left out, if the window then shows the same. */
class MatchesTest {
    private static final int MAX_BYTES = 4_000;

    private static Row row(CompiledQuery query, String key, long rank, int bytes) {
        Datum value = Data.record("rank", Data.whole(rank), "text", Data.text("x".repeat(bytes)));
        return Objects.requireNonNull(
                query.rowOf(new Key(key), Value.of(value), () -> value, Row.NEVER));
    }

    @Test
    void fewRowsAreAllTold() {
        var matches = new Matches(Data.compiled(Query.EVERYTHING, MAX_BYTES));
        Row first = row(Data.compiled(Query.EVERYTHING, MAX_BYTES), "a", 1, 10);

        matches.add(first);

        assertThat(matches.rows()).containsExactly(first);
    }

    @Test
    void ofManyRowsOnlyThoseAreKeptThatAWindowCouldTake() {
        CompiledQuery query = Data.compiled(Query.EVERYTHING, MAX_BYTES);
        var matches = new Matches(query);
        for (int i = 0; i < 10_000; i++) {
            matches.add(row(query, "k" + i, i, 100));
        }

        assertThat(matches.rows()).hasSizeBetween(30, 60);
        assertThat(matches.rows().getFirst().key()).isEqualTo(new Key("k0"));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void aWindowToldOfThePartsShowsWhatOneToldOfEverythingShows(long seed) {
        var random = new SplittableRandom(seed);
        Long limit = random.nextBoolean() ? null : random.nextLong(1, 60);
        CompiledQuery query =
                Data.compiled(Data.sorted(limit, new SortField("rank", true)), MAX_BYTES);
        var toldOfAll = new QueryWindow(query);
        var toldOfParts = new QueryWindow(query);
        List<Key> keys = new ArrayList<>();
        for (int part = 0; part < 3; part++) {
            var matches = new Matches(query);
            for (int i = random.nextInt(120); i > 0; i--) {
                Row row = row(query, part + "-" + i, random.nextInt(500), random.nextInt(1, 300));
                keys.add(row.key());
                matches.add(row);
                toldOfAll.load(row);
            }
            matches.rows().forEach(toldOfParts::put);
        }

        assertThat(toldOfParts.visible()).isEqualTo(toldOfAll.visible());
        assertThat(toldOfParts.hasMore()).isEqualTo(toldOfAll.hasMore());

        while (!keys.isEmpty() && !toldOfParts.needsRefill()) {
            Key gone = keys.remove(random.nextInt(keys.size()));
            toldOfAll.remove(gone);
            toldOfParts.remove(gone);
            if (!toldOfParts.needsRefill() && !toldOfAll.needsRefill()) {
                assertThat(toldOfParts.visible()).isEqualTo(toldOfAll.visible());
            }
        }
        assertThat(toldOfParts.hasMore() || keys.size() == toldOfParts.visible().size()).isTrue();
    }
}
