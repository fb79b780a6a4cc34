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
 * <p>Rows in order are visible up to the query's limit, in rows and in bytes, and spare behind it.
 * When more match than there is room for, the last are dropped; of all that were dropped, the one
 * that sorts first is the <em>horizon</em>. Before it the window knows every matching row; from it
 * on it keeps none, since a dropped row might come first. Removals can eat up the spare rows: when
 * there are none, the limit is not reached and there is a horizon, {@link #needsRefill} asks the
 * owner to go through the map again.
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

    /** The spare rows have this share of the room of the visible ones, so that refills are rare. */
    private static final int SPARE_SHARE = 4;

    private final RowOrder order;
    private final int limit;
    private final long maxBytes;

    /** Spare rows kept; at least 16. */
    private final int spareCapacity;

    private final Map<Key, Row> rows = new HashMap<>();

    /** The first rows; only when the next has no room are there spare ones. */
    private final Rows visible;

    private final Rows spare;

    /** The rows that expire at some time, soonest first. */
    private final NavigableSet<Row> expiring = new TreeSet<>(BY_EXPIRY);

    /** Null while every matching row is kept. */
    private @Nullable Row horizon;

    /** Of the row at the horizon as it is now; 0 when there is none any more. */
    private long horizonBytes;

    /** Rows in order, and their size together. */
    private static final class Rows {
        final NavigableSet<Row> inOrder;
        long bytes;

        Rows(RowOrder order) {
            inOrder = new TreeSet<>(order);
        }

        void add(Row row) {
            inOrder.add(row);
            bytes += row.sizeBytes();
        }

        boolean remove(Row row) {
            boolean removed = inOrder.remove(row);
            bytes -= removed ? row.sizeBytes() : 0;
            return removed;
        }
    }

    public QueryWindow(CompiledQuery query) {
        this(query, Math.max(MIN_SPARE, query.limit() / SPARE_SHARE));
    }

    QueryWindow(CompiledQuery query, int spareCapacity) {
        this(query.order(), query.limit(), query.maxBytes(), spareCapacity);
    }

    private QueryWindow(RowOrder order, int limit, long maxBytes, int spareCapacity) {
        this.order = order;
        this.limit = limit;
        this.maxBytes = maxBytes;
        this.spareCapacity = spareCapacity;
        this.visible = new Rows(order);
        this.spare = new Rows(order);
    }

    /** As {@link #put}, for rows of the first answer, which reports no changes. */
    public void load(Row row) {
        replace(rows.get(row.key()), row);
    }

    /** The row is new, or takes the place of the one with its key. */
    public List<Change> put(Row row) {
        followHorizon(row.key(), row);
        return replace(rows.get(row.key()), row);
    }

    /** The row is gone, or matches no more. Keys that are not kept change nothing. */
    public List<Change> remove(Key key) {
        followHorizon(key, null);
        Row row = rows.get(key);
        return row == null ? List.of() : replace(row, null);
    }

    /** Drops the rows whose time is over. */
    public List<Change> expire(long nowMillis) {
        List<Change> changes = new ArrayList<>();
        if (horizon != null && horizon.expiresAtMillis() < nowMillis) {
            horizonBytes = 0;
        }
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
        return horizon != null && spare.inOrder.isEmpty() && hasRoomFor(horizonBytes);
    }

    /** An empty window for the same query, to be filled from the map and put in place of this. */
    public QueryWindow startAgain() {
        return new QueryWindow(order, limit, maxBytes, spareCapacity);
    }

    /** What a client that sees this window must hear, in order, to see {@code other}. */
    public List<Change> changesTo(QueryWindow other) {
        Map<Key, Row> seen = HashMap.newHashMap(visible.inOrder.size());
        visible.inOrder.forEach(row -> seen.put(row.key(), row));
        return other.changesSince(seen);
    }

    private List<Change> changesSince(Map<Key, Row> seen) {
        List<Change> entersAndUpdates = new ArrayList<>();
        for (Row row : visible.inOrder) {
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
        return horizon != null || !spare.inOrder.isEmpty();
    }

    /** What the client sees, in order. */
    public List<Row> visible() {
        return List.copyOf(visible.inOrder);
    }

    /**
     * Every row that is kept, in order, and the one at the horizon: all that another window of the
     * same query needs to be told in place of everything that was told to this one.
     */
    List<Row> known() {
        List<Row> known = new ArrayList<>(visible.inOrder);
        known.addAll(spare.inOrder);
        if (horizon != null) {
            known.add(horizon);
        }
        return known;
    }

    /** Takes note of what becomes of the row at the horizon: the next may now have room. */
    private void followHorizon(Key key, @Nullable Row row) {
        if (horizon == null || !horizon.key().equals(key)) {
            return;
        }
        if (row != null && order.compare(row, horizon) == 0) {
            horizon = row;
            horizonBytes = row.sizeBytes();
        } else {
            horizonBytes = 0;
        }
    }

    private List<Change> replace(@Nullable Row old, @Nullable Row next) {
        boolean wasVisible = old != null && detach(old);
        boolean isVisible = next != null && attach(next);
        List<Change> changes = new ArrayList<>(2);
        for (Row row = demote(); row != null; row = demote()) {
            if (isSame(row, next)) {
                isVisible = false;
            } else {
                changes.add(Change.leave(row));
            }
        }
        if (isVisible && next != null) {
            changes.addAll(shown(wasVisible ? old : null, next));
        }
        for (Row row = promote(); row != null; row = promote()) {
            if (isSame(row, next)) {
                isVisible = true;
                changes.addAll(shown(wasVisible ? old : null, row));
            } else {
                changes.add(Change.enter(row));
            }
        }
        if (old != null && wasVisible && !isVisible) {
            changes.addFirst(Change.leave(old));
        }
        dropBeyondCapacity();
        return changes;
    }

    private static boolean isSame(Row row, @Nullable Row other) {
        return other != null && row.key().equals(other.key());
    }

    /** What is heard of a visible row that takes the place of {@code before}, if of any. */
    private static List<Change> shown(@Nullable Row before, Row row) {
        if (before == null) {
            return List.of(Change.enter(row));
        }
        return before.value().equals(row.value()) ? List.of() : List.of(Change.update(row));
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
        boolean isVisible =
                !visible.inOrder.isEmpty() && order.compare(row, visible.inOrder.getLast()) < 0;
        (isVisible ? visible : spare).add(row);
        return isVisible;
    }

    /** Moves the last visible row to the spare ones when there is no room for it. */
    private @Nullable Row demote() {
        int count = visible.inOrder.size();
        if (count <= limit && (visible.bytes <= maxBytes || count <= 1)) {
            return null;
        }
        Row row = visible.inOrder.getLast();
        visible.remove(row);
        spare.add(row);
        return row;
    }

    /** Moves the first spare row to the visible ones when there is room. */
    private @Nullable Row promote() {
        if (spare.inOrder.isEmpty() || !hasRoomFor(spare.inOrder.getFirst().sizeBytes())) {
            return null;
        }
        Row row = spare.inOrder.getFirst();
        spare.remove(row);
        visible.add(row);
        return row;
    }

    /** The first row is visible whatever its size. */
    private boolean hasRoomFor(long bytes) {
        int count = visible.inOrder.size();
        return count == 0 || (count < limit && bytes <= maxBytes - visible.bytes);
    }

    private void dropBeyondCapacity() {
        while (spare.inOrder.size() > spareCapacity || spare.bytes > maxBytes / SPARE_SHARE) {
            Row dropped = spare.inOrder.getLast();
            detach(dropped);
            horizon = dropped;
            horizonBytes = dropped.sizeBytes();
        }
    }
}
