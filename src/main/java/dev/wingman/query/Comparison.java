package dev.wingman.query;

import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Datum.Binary;
import dev.wingman.protocol.Datum.Bool;
import dev.wingman.protocol.Datum.Dictionary;
import dev.wingman.protocol.Datum.Nil;
import dev.wingman.protocol.Datum.Real;
import dev.wingman.protocol.Datum.Sequence;
import dev.wingman.protocol.Datum.Text;
import dev.wingman.protocol.Datum.Whole;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How values compare: equality, numbers, texts, and the order of values of any type. */
final class Comparison {
    private static final double TWO_TO_THE_63 = 0x1p63;

    private Comparison() {}

    /**
     * A form in which numbers that are equal are equal objects, whether they arrived as whole or as
     * floating point, so that equality is {@code equals} and membership a hash lookup. NaN equals
     * itself in it.
     */
    static Datum canonical(Datum datum) {
        return switch (datum) {
            case Real(double value) when isWhole(value) -> new Whole((long) value);
            case Sequence(var items) -> new Sequence(canonicalItems(items));
            case Dictionary(var fields) -> new Dictionary(canonicalFields(fields));
            case Nil _, Bool _, Whole _, Real _, Text _, Binary _ -> datum;
        };
    }

    private static boolean isWhole(double value) {
        return value >= -TWO_TO_THE_63 && value < TWO_TO_THE_63 && value == Math.rint(value);
    }

    private static List<Datum> canonicalItems(List<Datum> items) {
        List<Datum> canonical = new ArrayList<>(items.size());
        for (Datum item : items) {
            canonical.add(canonical(item));
        }
        return canonical;
    }

    private static Map<String, Datum> canonicalFields(Map<String, Datum> fields) {
        Map<String, Datum> canonical = HashMap.newHashMap(fields.size());
        fields.forEach((name, value) -> canonical.put(name, canonical(value)));
        return canonical;
    }

    static boolean isNaN(Datum datum) {
        return datum instanceof Real(double value) && Double.isNaN(value);
    }

    /** Exact, without a detour through a type that cannot hold both. NaN is after all others. */
    static int numbers(long left, double right) {
        if (Double.isNaN(right) || right >= TWO_TO_THE_63) {
            return -1;
        }
        if (right < -TWO_TO_THE_63) {
            return 1;
        }
        long whole = (long) right;
        return left != whole ? Long.compare(left, whole) : numbers(0.0, right - whole);
    }

    /** Zero equals negative zero; NaN is after all others. */
    static int numbers(double left, double right) {
        return left == right ? 0 : Double.compare(left, right);
    }

    /**
     * By code point. {@link String#compareTo} goes by UTF-16 unit and puts the surrogates, which
     * stand for code points from U+10000, before U+E000.
     */
    static int texts(String left, String right) {
        int shorter = Math.min(left.length(), right.length());
        for (int i = 0; i < shorter; i++) {
            char a = left.charAt(i);
            char b = right.charAt(i);
            if (a != b) {
                return Integer.compare(weight(a), weight(b));
            }
        }
        return Integer.compare(left.length(), right.length());
    }

    private static int weight(char unit) {
        return Character.isSurrogate(unit) ? unit + Character.MIN_SUPPLEMENTARY_CODE_POINT : unit;
    }

    /**
     * Total preorder for sorting: booleans, numbers, texts, binaries, arrays, dictionaries, nil.
     * Two binaries, two arrays and two dictionaries are equal in it.
     */
    static int ranked(Datum left, Datum right) {
        return switch (left) {
            case Bool(boolean a) when right instanceof Bool(boolean b) -> Boolean.compare(a, b);
            case Whole(long a) when right instanceof Whole(long b) -> Long.compare(a, b);
            case Whole(long a) when right instanceof Real(double b) -> numbers(a, b);
            case Real(double a) when right instanceof Whole(long b) -> -numbers(b, a);
            case Real(double a) when right instanceof Real(double b) -> numbers(a, b);
            case Text(String a) when right instanceof Text(String b) -> texts(a, b);
            case Bool _, Whole _, Real _, Text _, Binary _, Sequence _, Dictionary _, Nil _ ->
                    Integer.compare(rank(left), rank(right));
        };
    }

    private static int rank(Datum datum) {
        return switch (datum) {
            case Bool _ -> 0;
            case Whole _, Real _ -> 1;
            case Text _ -> 2;
            case Binary _ -> 3;
            case Sequence _ -> 4;
            case Dictionary _ -> 5;
            case Nil _ -> 6;
        };
    }
}
