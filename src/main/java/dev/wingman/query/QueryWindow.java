package dev.wingman.query;

import dev.wingman.protocol.Key;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One live query: the rows its client sees, and some of those that come next, ready to take the
 * place of rows that leave.
 *
 * <p>Rows in order are visible up to the query's limit and spare behind it. When more match than
 * there is room for, the last are dropped; of all that were dropped, the one that sorts first is
 * the <em>horizon</em>. Before it the window knows every matching row; from it on it keeps none,
 * since a dropped row might come first. Removals can eat up the spare rows: when fewer than the
 * limit are left and there is a horizon, {@link #needsRefill} asks the owner to go through the map
 * again.
 *
 * <p>Every method that returns changes returns them in the order in which the client has to hear of
 * them: it never shows more rows than the limit. A change costs O(log n).
 *
 * <p>Not thread-safe: confined to its owner.
 */
public final class QueryWindow {
    private static final int MIN_SPARE = 16;

    private static final Comparator<Row> BY_EXPIRY =
            Comparator.comparingLong(Row::expiresAtMillis).thenComparing(row -> row.key().value());

    private final RowOrder order;
    private final int limit;

    /** Spare rows kept: a quarter of the limit, so that refills are rare, and at least 16. */
    private final int spareCapacity;

    private final Map<Key, Row> rows = new HashMap<>();

    /** The first rows, at most {@code limit}; only when it is full are there spare ones. */
    private final NavigableSet<Row> visible;

    private final NavigableSet<Row> spare;

    /** The rows that expire at some time, soonest first. */
    private final NavigableSet<Row> expiring = new TreeSet<>(BY_EXPIRY);

    /** Null while every matching row is kept. */
    private @Nullable Row horizon;

    public QueryWindow(CompiledQuery query) {
        this(query, Math.max(MIN_SPARE, query.limit() / 4));
    }

    QueryWindow(CompiledQuery query, int spareCapacity) {
        this(query.order(), query.limit(), spareCapacity);
    }

    private QueryWindow(RowOrder order, int limit, int spareCapacity) {
        this.order = order;
        this.limit = limit;
        this.spareCapacity = spareCapacity;
        this.visible = new TreeSet<>(order);
        this.spare = new TreeSet<>(order);
    }

    /** As {@link #put}, for rows of the first answer, which reports no changes. */
    public void load(Row row) {
        replace(rows.get(row.key()), row);
    }

    /** The row is new, or takes the place of the one with its key. */
    public List<Change> put(Row row) {
        return replace(rows.get(row.key()), row);
    }

    /** The row is gone, or matches no more. Keys that are not kept change nothing. */
    public List<Change> remove(Key key) {
        Row row = rows.get(key);
        return row == null ? List.of() : replace(row, null);
    }

    /** Drops the rows whose time is over. */
    public List<Change> expire(long nowMillis) {
        List<Change> changes = new ArrayList<>();
        while (nextExpiryMillis() < nowMillis) {
            Row row = expiring.getFirst();
            if (detach(row)) {
                changes.add(Change.leave(row));
            }
        }
        for (Row row = promote(); row != null; row = promote()) {
            changes.add(Change.enter(row));
        }
        return changes;
    }

    /** When {@link #expire} has something to do next; {@link Row#NEVER} when nothing expires. */
    public long nextExpiryMillis() {
        return expiring.isEmpty() ? Row.NEVER : expiring.getFirst().expiresAtMillis();
    }

    /** Whether rows that the client should see are not known here. */
    public boolean needsRefill() {
        return horizon != null && visible.size() < limit;
    }

    /** An empty window for the same query, to be filled from the map and put in place of this. */
    public QueryWindow startAgain() {
        return new QueryWindow(order, limit, spareCapacity);
    }

    /** What a client that sees this window must hear, in order, to see {@code other}. */
    public List<Change> changesTo(QueryWindow other) {
        Map<Key, Row> seen = HashMap.newHashMap(visible.size());
        visible.forEach(row -> seen.put(row.key(), row));
        return other.changesSince(seen);
    }

    private List<Change> changesSince(Map<Key, Row> seen) {
        List<Change> entersAndUpdates = new ArrayList<>();
        for (Row row : visible) {
            Row before = seen.remove(row.key());
            if (before == null) {
                entersAndUpdates.add(Change.enter(row));
            } else if (!before.value().equals(row.value())) {
                entersAndUpdates.add(Change.update(row));
            }
        }
        List<Change> changes = new ArrayList<>(seen.size() + entersAndUpdates.size());
        seen.values().forEach(gone -> changes.add(Change.leave(gone)));
        changes.addAll(entersAndUpdates);
        return changes;
    }

    /** Whether more rows match than are visible; may stay true when the last of them is gone. */
    public boolean hasMore() {
        return horizon != null || !spare.isEmpty();
    }

    /** What the client sees, in order. */
    public List<Row> visible() {
        return List.copyOf(visible);
    }

    private List<Change> replace(@Nullable Row old, @Nullable Row next) {
        boolean wasVisible = old != null && detach(old);
        boolean isVisible = next != null && attach(next);
        Row demoted = demote();
        Row promoted = promote();
        dropBeyondCapacity();
        return changes(wasVisible ? old : demoted, isVisible ? next : promoted);
    }

    private static List<Change> changes(@Nullable Row left, @Nullable Row entered) {
        if (left == null) {
            return entered == null ? List.of() : List.of(Change.enter(entered));
        }
        if (entered == null) {
            return List.of(Change.leave(left));
        }
        if (!left.key().equals(entered.key())) {
            return List.of(Change.leave(left), Change.enter(entered));
        }
        return left.value().equals(entered.value()) ? List.of() : List.of(Change.update(entered));
    }

    /**
     * @return whether the row was visible
     */
    private boolean detach(Row row) {
        rows.remove(row.key());
        expiring.remove(row);
        return visible.remove(row) || !spare.remove(row);
    }

    /**
     * @return whether the row is visible
     */
    private boolean attach(Row row) {
        if (horizon != null && order.compare(row, horizon) >= 0) {
            return false;
        }
        rows.put(row.key(), row);
        if (row.expiresAtMillis() != Row.NEVER) {
            expiring.add(row);
        }
        boolean isVisible = !visible.isEmpty() && order.compare(row, visible.getLast()) < 0;
        return isVisible ? visible.add(row) : !spare.add(row);
    }

    /** Moves the last visible row to the spare ones when there is one too many. */
    private @Nullable Row demote() {
        if (visible.size() <= limit) {
            return null;
        }
        Row row = visible.removeLast();
        spare.add(row);
        return row;
    }

    /** Moves the first spare row to the visible ones when there is room. */
    private @Nullable Row promote() {
        if (visible.size() >= limit || spare.isEmpty()) {
            return null;
        }
        Row row = spare.removeFirst();
        visible.add(row);
        return row;
    }

    private void dropBeyondCapacity() {
        if (spare.size() > spareCapacity) {
            Row dropped = spare.getLast();
            detach(dropped);
            horizon = dropped;
        }
    }
}
