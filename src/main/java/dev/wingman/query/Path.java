package dev.wingman.query;

import dev.wingman.protocol.Datum;
import java.util.List;

/** Where in a record an attribute stands. Leads through dictionaries only, not into arrays. */
record Path(List<String> segments) {
    /** {@code a.b} is the field {@code b} of the dictionary in the top-level field {@code a}. */
    static Path ofDotted(String attribute) {
        return new Path(List.of(attribute.split("\\.", -1)));
    }

    /** A top-level field whose name is taken as it is, dots included. */
    static Path ofField(String name) {
        return new Path(List.of(name));
    }

    /** {@link Datum.Nil} where nothing is: absent and nil are the same to a query. */
    Datum in(Datum record) {
        Datum at = record;
        for (String segment : segments) {
            Datum next = at instanceof Datum.Dictionary(var fields) ? fields.get(segment) : null;
            if (next == null) {
                return Datum.Nil.NIL;
            }
            at = next;
        }
        return at;
    }
}
