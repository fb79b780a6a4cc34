package dev.wingman.query;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows that one part of a map has for a query; of too many only those that the query's window
 * could take, so that memory does not grow with the map.
 *
 * <p>Not thread-safe.
 */
public final class Matches {
    /** About what a row takes in memory beside what it has in an answer. */
    private static final int ROW_BYTES = 128;

    private final CompiledQuery query;
    private final List<Row> few = new ArrayList<>();
    private long bytes;

    /** In place of {@link #few} once they are many. */
    private @Nullable QueryWindow many;

    public Matches(CompiledQuery query) {
        this.query = query;
    }

    /** Keys come once each. */
    public void add(Row row) {
        if (many != null) {
            many.load(row);
            return;
        }
        few.add(row);
        bytes += ROW_BYTES + row.sizeBytes();
        if (bytes > query.maxBytes()) {
            var window = new QueryWindow(query);
            few.forEach(window::load);
            few.clear();
            many = window;
        }
    }

    /** What a window must be told; it then shows the same as if it had been told of every row. */
    public List<Row> rows() {
        return many == null ? few : many.known();
    }
}
