package dev.wingman.query;

import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Query.SortField;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The order of a query's rows: field by field, then key by code point, so that no two rows are
 * equal in it. Where a field is missing or nil the row comes after all others, ascending or
 * descending. Values of different types come in the order of {@link Comparison#ranked}, which
 * descending turns round.
 */
public record RowOrder(List<Field> fields) implements Comparator<Row> {
    static final int MAX_FIELDS = 32;

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
            sortKey[i] = fields.get(i).path().in(record);
        }
        return List.of(sortKey);
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
