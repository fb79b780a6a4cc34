package dev.wingman.query;

import static dev.wingman.query.Data.real;
import static dev.wingman.query.Data.text;
import static dev.wingman.query.Data.whole;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.Query.SortField;
import dev.wingman.protocol.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RowOrderTest {
    private static final Datum NOTHING = new Datum.Dictionary(Map.of());

    private static List<String> sorted(Map<String, Datum> records, SortField... sort) {
        CompiledQuery query = Data.compiled(Data.sorted(null, sort));
        List<Row> rows = new ArrayList<>();
        records.forEach((key, record) ->
                rows.add(
                        Objects.requireNonNull(
                                query.rowOf(
                                        new Key(key),
                                        Value.ofEncoded(new byte[0]),
                                        () -> record,
                                        Row.NEVER))));
        rows.sort(query.order());
        return rows.stream().map(row -> row.key().value()).toList();
    }

    @Test
    void missingAndNilComeLastInBothDirections() {
        Map<String, Datum> records =
                Map.of(
                        "absent", NOTHING,
                        "nil", Data.record("a", Datum.Nil.NIL),
                        "one", Data.record("a", whole(1)),
                        "two", Data.record("a", whole(2)));

        assertThat(sorted(records, new SortField("a", false)))
                .containsExactly("one", "two", "absent", "nil");
        assertThat(sorted(records, new SortField("a", true)))
                .containsExactly("two", "one", "absent", "nil");
    }

    @Test
    void laterFieldsDecideBetweenRowsEqualInEarlierOnes() {
        Map<String, Datum> records =
                Map.of(
                        "x", Data.record("a", whole(1), "b", whole(1)),
                        "y", Data.record("a", real(1), "b", whole(2)),
                        "z", Data.record("a", whole(0), "b", whole(0)));

        assertThat(sorted(records, new SortField("a", false), new SortField("b", true)))
                .containsExactly("z", "y", "x");
    }

    @Test
    void equalRowsComeByKeyAscendingWhateverTheDirection() {
        Map<String, Datum> records = new LinkedHashMap<>();
        records.put("\ud83d\ude00", Data.record("a", whole(1)));
        records.put("\uffee", Data.record("a", whole(1)));
        records.put("k", Data.record("a", whole(1)));

        assertThat(sorted(records, new SortField("a", true)))
                .containsExactly("k", "\uffee", "\ud83d\ude00");
        assertThat(sorted(records)).containsExactly("k", "\uffee", "\ud83d\ude00");
    }

    @Test
    void descendingTurnsTheOrderOfTypesRound() {
        Map<String, Datum> records =
                Map.of(
                        "number", Data.record("a", whole(1)),
                        "text", Data.record("a", text("1")),
                        "absent", NOTHING);

        assertThat(sorted(records, new SortField("a", true)))
                .containsExactly("text", "number", "absent");
    }

    @Test
    void aDotLeadsIntoADictionary() {
        Map<String, Datum> records =
                Map.of(
                        "second", Data.record("a", Data.record("b", whole(2))),
                        "first", Data.record("a", Data.record("b", whole(1))));

        assertThat(sorted(records, new SortField("a.b", false))).containsExactly("first", "second");
    }
}
