package dev.wingman.query;

import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Datum.Nil;
import dev.wingman.protocol.Datum.Real;
import dev.wingman.protocol.Datum.Sequence;
import dev.wingman.protocol.Datum.Text;
import dev.wingman.protocol.Datum.Whole;
import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.Query.PredicateNode;
import dev.wingman.query.Condition.Relation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Turns one query's conditions from their wire form into a {@link Predicate}, within limits. */
final class PredicateCompiler {
    static final int MAX_DEPTH = 64;
    static final int MAX_NODES = 1_000;
    static final int MAX_OPERANDS = 10_000;

    /** Of {@code containsAny} and {@code containsAll}: a text is searched once for each. */
    static final int MAX_PARTS = 256;

    static final int MAX_REGEXES = 16;
    static final int MAX_ATTRIBUTE_CHARS = 1_024;

    /** Of a text that is looked for in another, and of a pattern. */
    static final int MAX_PATTERN_CHARS = 512;

    private int nodes;
    private int regexes;

    Predicate compile(PredicateNode root) throws Refused {
        return compile(root, 1);
    }

    /** Nil asks for a field that is absent or nil, since those are the same everywhere else. */
    Predicate compile(Map<String, Datum> where) throws Refused {
        requireAtMost(MAX_NODES, where.size(), "fields in where");
        List<Predicate> fields = new ArrayList<>(where.size());
        for (Map.Entry<String, Datum> field : where.entrySet()) {
            Path path = Path.ofField(field.getKey());
            fields.add(
                    field.getValue() instanceof Nil
                            ? new Predicate.IsNull(path)
                            : new Predicate.Has(path, oneOf(List.of(field.getValue()))));
        }
        return new Predicate.And(List.copyOf(fields));
    }

    private Predicate compile(PredicateNode node, int depth) throws Refused {
        requireAtMost(MAX_DEPTH, depth, "levels of a predicate");
        requireAtMost(MAX_NODES, ++nodes, "nodes of a predicate");
        return switch (node.op()) {
            case "and" -> new Predicate.And(children(node, depth));
            case "or" -> new Predicate.Or(children(node, depth));
            case "not" -> new Predicate.Not(firstChild(node, depth));
            case "isNull" -> new Predicate.IsNull(path(node));
            case "between" -> between(node);
            default -> attribute(node);
        };
    }

    private List<Predicate> children(PredicateNode node, int depth) throws Refused {
        List<Predicate> children = new ArrayList<>();
        for (PredicateNode child : node.children()) {
            children.add(compile(child, depth + 1));
        }
        return List.copyOf(children);
    }

    private Predicate firstChild(PredicateNode node, int depth) throws Refused {
        if (node.children().isEmpty()) {
            throw malformed(node, "needs a child");
        }
        return compile(node.children().getFirst(), depth + 1);
    }

    private Predicate attribute(PredicateNode node) throws Refused {
        Condition condition = condition(node);
        return new Predicate.Has(path(node), condition);
    }

    private static Predicate between(PredicateNode node) throws Refused {
        List<Datum> ends = items(node);
        if (ends.size() != 2) {
            throw malformed(node, "needs [from, to]");
        }
        Path path = path(node);
        return new Predicate.And(
                List.of(
                        new Predicate.Has(
                                path, bound(node, Relation.GREATER_OR_EQUAL, ends.getFirst())),
                        new Predicate.Has(
                                path, bound(node, Relation.LESS_OR_EQUAL, ends.getLast()))));
    }

    private Condition condition(PredicateNode node) throws Refused {
        return switch (node.op()) {
            case "isNotNull" -> new Condition.Present();
            case "eq" -> oneOf(List.of(value(node)));
            case "neq" -> new Condition.NoneOf(comparable(List.of(value(node))));
            case "in" -> oneOf(limited(items(node), MAX_OPERANDS));
            case "gt" -> bound(node, Relation.GREATER, value(node));
            case "gte" -> bound(node, Relation.GREATER_OR_EQUAL, value(node));
            case "lt" -> bound(node, Relation.LESS, value(node));
            case "lte" -> bound(node, Relation.LESS_OR_EQUAL, value(node));
            case "like" -> new Condition.Like(LikePattern.of(pattern(node)));
            case "regex" -> regex(node);
            case "startsWith" -> new Condition.StartsWith(text(node));
            case "endsWith" -> new Condition.EndsWith(text(node));
            case "contains" -> new Condition.ContainsAny(parts(List.of(value(node))));
            case "containsAny" -> new Condition.ContainsAny(parts(items(node)));
            case "containsAll" -> new Condition.ContainsAll(parts(items(node)));
            default ->
                    throw new Refused(
                            ErrorCode.NOT_AVAILABLE,
                            "the operator '%.32s' is not available".formatted(node.op()));
        };
    }

    private static Condition bound(PredicateNode node, Relation relation, Datum bound)
            throws Refused {
        return switch (bound) {
            case Whole _, Real _ -> new Condition.NumberBound(relation, bound);
            case Text(String text) -> new Condition.TextBound(relation, text);
            case Nil _, Datum.Bool _, Datum.Binary _, Sequence _, Datum.Dictionary _ ->
                    throw malformed(node, "compares with numbers and texts only");
        };
    }

    private Condition regex(PredicateNode node) throws Refused {
        requireAtMost(MAX_REGEXES, ++regexes, "regular expressions");
        return new Condition.Regex(RegexPattern.of(pattern(node)));
    }

    private static Condition oneOf(List<Datum> items) {
        return new Condition.OneOf(comparable(items));
    }

    /** Without NaN, which as a value of its own equals nothing. */
    private static Set<Datum> comparable(List<Datum> items) {
        Set<Datum> operands = canonical(items);
        operands.removeIf(Comparison::isNaN);
        return operands;
    }

    private static Set<Datum> parts(List<Datum> items) throws Refused {
        for (Datum item : limited(items, MAX_PARTS)) {
            if (item instanceof Text(String part)) {
                requireAtMost(MAX_PATTERN_CHARS, part.length(), "characters to look for");
            }
        }
        return canonical(items);
    }

    private static Set<Datum> canonical(List<Datum> items) {
        Set<Datum> canonical = HashSet.newHashSet(items.size());
        for (Datum item : items) {
            canonical.add(Comparison.canonical(item));
        }
        return canonical;
    }

    private static Path path(PredicateNode node) throws Refused {
        String attribute = node.attribute();
        if (attribute == null) {
            throw malformed(node, "needs an attribute");
        }
        requireAtMost(MAX_ATTRIBUTE_CHARS, attribute.length(), "characters of an attribute");
        return Path.ofDotted(attribute);
    }

    private static Datum value(PredicateNode node) {
        Datum value = node.value();
        return value == null ? Nil.NIL : value;
    }

    private static List<Datum> items(PredicateNode node) throws Refused {
        if (value(node) instanceof Sequence(var items)) {
            return items;
        }
        throw malformed(node, "needs an array");
    }

    private static String text(PredicateNode node) throws Refused {
        if (value(node) instanceof Text(String text)) {
            return text;
        }
        throw malformed(node, "needs a text");
    }

    private static String pattern(PredicateNode node) throws Refused {
        String pattern = text(node);
        requireAtMost(MAX_PATTERN_CHARS, pattern.length(), "characters of a pattern");
        return pattern;
    }

    private static List<Datum> limited(List<Datum> items, int limit) throws Refused {
        requireAtMost(limit, items.size(), "operands");
        return items;
    }

    static void requireAtMost(int limit, int actual, String what) throws Refused {
        if (actual > limit) {
            throw new Refused(ErrorCode.TOO_LARGE, "more than " + limit + " " + what);
        }
    }

    private static Refused malformed(PredicateNode node, String rule) {
        return new Refused(ErrorCode.BAD_REQUEST, node.op() + " " + rule);
    }
}
