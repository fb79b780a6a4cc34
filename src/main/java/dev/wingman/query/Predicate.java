package dev.wingman.query;

import dev.wingman.protocol.Datum;
import java.util.List;

/** A condition on a whole record. */
public sealed interface Predicate {
    Predicate EVERYTHING = new And(List.of());

    boolean matches(Datum record);

    /** True without children. */
    record And(List<Predicate> children) implements Predicate {
        @Override
        public boolean matches(Datum record) {
            for (Predicate child : children) {
                if (!child.matches(record)) {
                    return false;
                }
            }
            return true;
        }
    }

    /** False without children. */
    record Or(List<Predicate> children) implements Predicate {
        @Override
        public boolean matches(Datum record) {
            for (Predicate child : children) {
                if (child.matches(record)) {
                    return true;
                }
            }
            return false;
        }
    }

    record Not(Predicate child) implements Predicate {
        @Override
        public boolean matches(Datum record) {
            return !child.matches(record);
        }
    }

    record IsNull(Path path) implements Predicate {
        @Override
        public boolean matches(Datum record) {
            return path.in(record) instanceof Datum.Nil;
        }
    }

    /** The attribute is there and the condition holds for it. */
    record Has(Path path, Condition condition) implements Predicate {
        @Override
        public boolean matches(Datum record) {
            Datum value = path.in(record);
            return !(value instanceof Datum.Nil) && condition.holds(value);
        }
    }
}
