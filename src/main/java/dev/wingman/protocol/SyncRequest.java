package dev.wingman.protocol;

import dev.wingman.crdt.Stamp;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Body of {@code POST /sync}.
 *
 * @param clientHlc the client's clock, null when left out
 */
public record SyncRequest(
        @Nullable Stamp clientHlc,
        List<Op> operations,
        List<MapSince> maps,
        List<HttpQuery> queries,
        List<String> searchIds) {
    /** An empty body: nothing but the server's clock is asked for. */
    public static final SyncRequest EMPTY =
            new SyncRequest(null, List.of(), List.of(), List.of(), List.of());

    /**
     * @param since {@link Stamp#NONE} asks for everything
     */
    public record MapSince(MapName map, Stamp since) {}

    /**
     * @param refused set when the query breaks a rule; it is then reported and not run
     */
    public record HttpQuery(
            String queryId, MapName map, Query query, long offset, @Nullable String refused) {}
}
