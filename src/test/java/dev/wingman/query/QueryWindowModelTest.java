package dev.wingman.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.Query.SortField;
import dev.wingman.protocol.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A window against a model that keeps every row and sorts them anew each time, with a client that
 * hears of nothing but the changes.
 */
class QueryWindowModelTest {
    private static final int STEPS = 300;
    private static final int KEYS = 12;
    private static final int RANKS = 4;
    private static final int LIFETIME_MILLIS = 40;

    private final Map<Key, Row> everything = new HashMap<>();
    private final Map<Key, Value> client = new HashMap<>();
    private long nowMillis;

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void theClientSeesTheFirstRowsOfTheMapAfterEveryStep(long seed) {
        var random = new SplittableRandom(seed);
        var query = query(random);
        var window = new QueryWindow(query, random.nextInt(5));
        load(window, query, random);

        for (int step = 0; step < STEPS; step++) {
            apply(randomStep(window, query, random), query.limit());
            if (window.needsRefill()) {
                window = refilled(window, query);
            }

            List<Row> expected = firstRows(query);
            assertThat(window.visible()).isEqualTo(expected);
            assertThat(client).isEqualTo(valuesOf(expected));
            assertThat(window.needsRefill()).isFalse();
            assertThat(window.hasMore() || everything.size() == expected.size()).isTrue();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void aWindowThatWaitsForItsRefillShowsNoRowTooEarly(long seed) {
        var random = new SplittableRandom(seed);
        var query = query(random);
        var window = new QueryWindow(query, random.nextInt(3));
        load(window, query, random);

        for (int step = 0; step < STEPS; step++) {
            apply(randomStep(window, query, random), query.limit());

            List<Row> visible = window.visible();
            List<Row> expected = firstRows(query);
            assertThat(visible).isEqualTo(expected.subList(0, visible.size()));
            assertThat(window.needsRefill() || visible.size() == expected.size()).isTrue();
            assertThat(client).isEqualTo(valuesOf(visible));
        }
        refilled(window, query);

        assertThat(client).isEqualTo(valuesOf(firstRows(query)));
    }

    private QueryWindow refilled(QueryWindow window, CompiledQuery query) {
        QueryWindow fresh = window.startAgain();
        everything.values().forEach(fresh::load);
        apply(window.changesTo(fresh), query.limit());
        return fresh;
    }

    private static CompiledQuery query(SplittableRandom random) {
        long limit = random.nextLong(1, 6);
        var query =
                random.nextBoolean()
                        ? Data.sorted(limit, new SortField("rank", random.nextBoolean()))
                        : Data.sorted(limit);
        return Data.compiled(query, random.nextBoolean() ? random.nextLong(20, 200) : 10_000);
    }

    private void load(QueryWindow window, CompiledQuery query, SplittableRandom random) {
        for (int i = random.nextInt(KEYS); i > 0; i--) {
            Row row = randomRow(query, random);
            everything.put(row.key(), row);
        }
        everything.values().forEach(window::load);
        window.visible().forEach(row -> client.put(row.key(), row.value()));
    }

    private List<Change> randomStep(
            QueryWindow window, CompiledQuery query, SplittableRandom random) {
        return switch (random.nextInt(10)) {
            case 0, 1, 2, 3, 4 -> {
                Row row = randomRow(query, random);
                everything.put(row.key(), row);
                yield window.put(row);
            }
            case 5, 6, 7, 8 -> {
                Key key = randomKey(random);
                everything.remove(key);
                yield window.remove(key);
            }
            default -> {
                nowMillis += random.nextInt(LIFETIME_MILLIS / 2);
                everything.values().removeIf(row -> row.expiresAtMillis() < nowMillis);
                yield window.expire(nowMillis);
            }
        };
    }

    private Row randomRow(CompiledQuery query, SplittableRandom random) {
        int rank = random.nextInt(RANKS);
        Datum shown =
                rank == 0 ? new Datum.Dictionary(Map.of()) : Data.record("rank", Data.whole(rank));
        byte[] encoded = new byte[1 + random.nextInt(3) * 30];
        encoded[0] = (byte) rank;
        var value = Value.ofEncoded(encoded);
        long expiresAtMillis =
                random.nextInt(3) == 0 ? nowMillis + random.nextInt(LIFETIME_MILLIS) : Row.NEVER;
        Row row = query.rowOf(randomKey(random), value, () -> shown, expiresAtMillis);
        return Objects.requireNonNull(row);
    }

    private static Key randomKey(SplittableRandom random) {
        return new Key("k" + random.nextInt(KEYS));
    }

    private void apply(List<Change> changes, int limit) {
        for (Change change : changes) {
            Value value = change.value();
            switch (change.kind()) {
                case ENTER -> {
                    assertThat(client).doesNotContainKey(change.key());
                    client.put(change.key(), Objects.requireNonNull(value));
                }
                case UPDATE -> {
                    assertThat(client).containsKey(change.key());
                    assertThat(client.put(change.key(), Objects.requireNonNull(value)))
                            .isNotEqualTo(value);
                }
                case LEAVE -> assertThat(client.remove(change.key())).isNotNull();
            }
            assertThat(client).hasSizeLessThanOrEqualTo(limit);
        }
    }

    private List<Row> firstRows(CompiledQuery query) {
        List<Row> sorted = new ArrayList<>(everything.values());
        sorted.sort(query.order());
        int count = 0;
        long bytes = 0;
        for (Row row : sorted) {
            bytes += row.sizeBytes();
            if (count == query.limit() || (count > 0 && bytes > query.maxBytes())) {
                break;
            }
            count++;
        }
        return sorted.subList(0, count);
    }

    private static Map<Key, Value> valuesOf(List<Row> rows) {
        Map<Key, Value> values = new HashMap<>();
        rows.forEach(row -> values.put(row.key(), row.value()));
        return values;
    }
}
