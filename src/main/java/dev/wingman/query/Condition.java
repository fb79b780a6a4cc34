package dev.wingman.query;

import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Datum.Real;
import dev.wingman.protocol.Datum.Sequence;
import dev.wingman.protocol.Datum.Text;
import dev.wingman.protocol.Datum.Whole;
import java.util.HashSet;
import java.util.Set;

/**
 * A condition on one value, which is never {@link Datum.Nil}. A value of a type that the condition
 * does not speak about fails it.
 *
 * <p>Operands are {@link Comparison#canonical}.
 */
sealed interface Condition {
    boolean holds(Datum value);

    /** Any value. */
    record Present() implements Condition {
        @Override
        public boolean holds(Datum value) {
            return true;
        }
    }

    record OneOf(Set<Datum> operands) implements Condition {
        @Override
        public boolean holds(Datum value) {
            return operands.contains(Comparison.canonical(value));
        }
    }

    record NoneOf(Set<Datum> operands) implements Condition {
        @Override
        public boolean holds(Datum value) {
            return !operands.contains(Comparison.canonical(value));
        }
    }

    /** How a value stands to a bound. */
    enum Relation {
        GREATER,
        GREATER_OR_EQUAL,
        LESS,
        LESS_OR_EQUAL;

        /**
         * @param comparison of the value with the bound, as a comparator tells it
         */
        boolean accepts(int comparison) {
            return switch (this) {
                case GREATER -> comparison > 0;
                case GREATER_OR_EQUAL -> comparison >= 0;
                case LESS -> comparison < 0;
                case LESS_OR_EQUAL -> comparison <= 0;
            };
        }
    }

    /**
     * @param bound {@link Whole} or {@link Real}; no number stands in any relation to NaN
     */
    record NumberBound(Relation relation, Datum bound) implements Condition {
        @Override
        public boolean holds(Datum value) {
            return (value instanceof Whole || value instanceof Real)
                    && !Comparison.isNaN(value)
                    && !Comparison.isNaN(bound)
                    && relation.accepts(Comparison.ranked(value, bound));
        }
    }

    record TextBound(Relation relation, String bound) implements Condition {
        @Override
        public boolean holds(Datum value) {
            return value instanceof Text(String text)
                    && relation.accepts(Comparison.texts(text, bound));
        }
    }

    record StartsWith(String prefix) implements Condition {
        @Override
        public boolean holds(Datum value) {
            return value instanceof Text(String text) && text.startsWith(prefix);
        }
    }

    record EndsWith(String suffix) implements Condition {
        @Override
        public boolean holds(Datum value) {
            return value instanceof Text(String text) && text.endsWith(suffix);
        }
    }

    record Like(LikePattern pattern) implements Condition {
        @Override
        public boolean holds(Datum value) {
            return value instanceof Text(String text) && pattern.matches(text);
        }
    }

    record Regex(RegexPattern pattern) implements Condition {
        @Override
        public boolean holds(Datum value) {
            return value instanceof Text(String text) && pattern.isFoundIn(text);
        }
    }

    /** One of the operands is a part of the text or an element of the array. */
    record ContainsAny(Set<Datum> operands) implements Condition {
        @Override
        public boolean holds(Datum value) {
            return switch (value) {
                case Text(String text) -> containsAny(text);
                case Sequence(var items) -> {
                    for (Datum item : items) {
                        if (operands.contains(Comparison.canonical(item))) {
                            yield true;
                        }
                    }
                    yield false;
                }
                case Datum.Nil _,
                        Datum.Bool _,
                        Whole _,
                        Real _,
                        Datum.Binary _,
                        Datum.Dictionary _ ->
                        false;
            };
        }

        private boolean containsAny(String text) {
            for (Datum operand : operands) {
                if (isPart(operand, text)) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Every operand is a part of the text or an element of the array. */
    record ContainsAll(Set<Datum> operands) implements Condition {
        @Override
        public boolean holds(Datum value) {
            return switch (value) {
                case Text(String text) -> containsAll(text);
                case Sequence(var items) -> {
                    Set<Datum> elements = HashSet.newHashSet(items.size());
                    for (Datum item : items) {
                        elements.add(Comparison.canonical(item));
                    }
                    yield elements.containsAll(operands);
                }
                case Datum.Nil _,
                        Datum.Bool _,
                        Whole _,
                        Real _,
                        Datum.Binary _,
                        Datum.Dictionary _ ->
                        false;
            };
        }

        private boolean containsAll(String text) {
            for (Datum operand : operands) {
                if (!isPart(operand, text)) {
                    return false;
                }
            }
            return true;
        }
    }

    private static boolean isPart(Datum operand, String text) {
        return operand instanceof Text(String part) && text.contains(part);
    }
}
