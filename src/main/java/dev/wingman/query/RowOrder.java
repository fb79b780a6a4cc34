package dev.wingman.query;

import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Query.SortField;
import dev.wingman.protocol.Value;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The order of a query's rows: field by field, then key by code point, so that no two rows are
 * equal in it. Where a field is missing or nil the row comes after all others, ascending or
 * descending. Values of different types come in the order of {@link Comparison#ranked}, which
 * descending turns round.
 */
public record RowOrder(List<Field> fields) implements Comparator<Row> {
    static final int MAX_FIELDS = 32;

    private static final Datum NO_BYTES = new Datum.Binary(Value.ofEncoded(new byte[0]));
    private static final Datum NO_ITEMS = new Datum.Sequence(List.of());
    private static final Datum NO_FIELDS = new Datum.Dictionary(Map.of());

    record Field(Path path, boolean descending) {}

    static RowOrder compile(List<SortField> sort) throws Refused {
        PredicateCompiler.requireAtMost(MAX_FIELDS, sort.size(), "fields to sort by");
        List<Field> fields = new ArrayList<>(sort.size());
        for (SortField field : sort) {
            fields.add(new Field(Path.ofDotted(field.field()), field.descending()));
        }
        return new RowOrder(List.copyOf(fields));
    }

    List<Datum> sortKeyOf(Datum record) {
        Datum[] sortKey = new Datum[fields.size()];
        for (int i = 0; i < sortKey.length; i++) {
            sortKey[i] = withoutContents(fields.get(i).path().in(record));
        }
        return List.of(sortKey);
    }

    /** What the order does not look into need not be kept in memory. */
    private static Datum withoutContents(Datum datum) {
        return switch (datum) {
            case Datum.Binary _ -> NO_BYTES;
            case Datum.Sequence _ -> NO_ITEMS;
            case Datum.Dictionary _ -> NO_FIELDS;
            case Datum.Nil _, Datum.Bool _, Datum.Whole _, Datum.Real _, Datum.Text _ -> datum;
        };
    }

    @Override
    public int compare(Row left, Row right) {
        for (int i = 0; i < fields.size(); i++) {
            int comparison = compare(fields.get(i), left.sortKey().get(i), right.sortKey().get(i));
            if (comparison != 0) {
                return comparison;
            }
        }
        return Comparison.texts(left.key().value(), right.key().value());
    }

    private static int compare(Field field, Datum left, Datum right) {
        boolean keepsDirection = left instanceof Datum.Nil || right instanceof Datum.Nil;
        return field.descending() && !keepsDirection
                ? Comparison.ranked(right, left)
                : Comparison.ranked(left, right);
    }
}
