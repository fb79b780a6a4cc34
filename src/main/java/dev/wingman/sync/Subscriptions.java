package dev.wingman.sync;

import dev.wingman.connection.ConnectionHandle;
import dev.wingman.connection.ConnectionMetadata;
import dev.wingman.protocol.ClientMessage.QuerySubscribe;
import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.ServerMessage;
import dev.wingman.protocol.ServerMessage.Failure;
import dev.wingman.protocol.ServerMessage.QueryResult;
import dev.wingman.protocol.TopicName;
import dev.wingman.query.Compiled;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * What one session wants to hear of. Everything ends with the session.
 *
 * <p>Confined to the session.
 */
final class Subscriptions {
    /** For one connection; how many topics and queries, {@link ConnectionMetadata} says. */
    static final int MAX_MAPS = 10_000;

    /** What came of following a map. */
    enum Following {
        YES,
        /** It may not be read. */
        DENIED,
        /** The session follows so many that it cannot follow this one. */
        TOO_MANY
    }

    private final SyncServer server;
    private final ConnectionHandle connection;
    private final Subscriber subscriber;
    private final Executor loop;
    private final MapAccess access;
    private final Set<MapName> maps = new HashSet<>(0);
    private final Map<String, ClientQuery> queries = new HashMap<>(0);
    private boolean cleared;

    Subscriptions(
            SyncServer server, ConnectionHandle connection, Subscriber subscriber, Executor loop) {
        this.server = server;
        this.access = server.mapAccess(subscriber::principal);
        this.connection = connection;
        this.subscriber = subscriber;
        this.loop = loop;
    }

    /** Has the subscriber hear of the map's changes; says so when that is one too many. */
    void addMap(MapName map) {
        if (follow(map) == Following.TOO_MANY) {
            refuseMap();
        }
    }

    /** Has the subscriber hear of the map's changes, if it may read them. */
    Following follow(MapName map) {
        if (maps.contains(map)) {
            return Following.YES;
        }
        if (maps.size() >= MAX_MAPS) {
            return Following.TOO_MANY;
        }
        maps.add(map);
        server.mapInterest().add(map, subscriber);
        // Not before: a change of the policies must find it among those who hear of the map.
        if (!access.mayRead(map)) {
            maps.remove(map);
            server.mapInterest().remove(map, subscriber);
            return Following.DENIED;
        }
        return Following.YES;
    }

    /** Whether it hears of a map that it may not read any more. */
    boolean hearsTooMuch() {
        return !maps.stream().allMatch(access::mayRead)
                || !queries.values().stream().map(ClientQuery::map).allMatch(access::mayRead);
    }

    /** Says that a map cannot be followed. */
    void refuseMap() {
        refuse("maps", MAX_MAPS);
    }

    void addTopic(TopicName topic) {
        if (connection.metadata().joinTopic(topic)) {
            server.topicInterest().add(topic, subscriber);
        } else {
            refuse("topics", ConnectionMetadata.MAX_NAMES);
        }
    }

    void removeTopic(TopicName topic) {
        connection.metadata().leaveTopic(topic);
        server.topicInterest().remove(topic, subscriber);
    }

    /**
     * Starts a live query in place of one with the same id.
     *
     * @param answered runs on the session's loop once the query has its QUERY_RESP
     */
    void addQuery(QuerySubscribe request, Runnable answered) {
        ClientQuery replaced = queries.remove(request.queryId());
        if (replaced != null) {
            // Its last update must be queued before the new rows, or it would change them.
            replaced.close(() -> loop.execute(() -> startQuery(request, answered)));
        } else {
            startQuery(request, answered);
        }
    }

    private void startQuery(QuerySubscribe request, Runnable answered) {
        if (cleared) {
            return;
        }
        if (!access.mayRead(request.map())) {
            refuseUnreadable(request, answered);
            return;
        }
        if (!connection.metadata().subscribe(request.queryId())) {
            refuse(
                    request,
                    ErrorCode.TOO_LARGE,
                    "a connection has at most " + ConnectionMetadata.MAX_NAMES + " live queries");
            answered.run();
            return;
        }
        switch (server.compile(request.query())) {
            case Compiled.Ok(var compiled) -> {
                Following following = follow(request.map());
                if (following == Following.DENIED) { // since a moment ago
                    connection.metadata().unsubscribe(request.queryId());
                    refuseUnreadable(request, answered);
                    return;
                }
                if (following == Following.TOO_MANY) {
                    refuseMap();
                }
                var query =
                        new ClientQuery(
                                request,
                                compiled,
                                connection,
                                server,
                                () -> loop.execute(answered),
                                failed -> loop.execute(() -> forget(failed)));
                queries.put(request.queryId(), query);
                query.start(server.maps(), new LiveQuery.Subject(request.map(), compiled));
            }
            case Compiled.Unsupported(var code, var reason) -> {
                connection.metadata().unsubscribe(request.queryId());
                refuse(request, code, reason);
                answered.run();
            }
        }
    }

    private void refuseUnreadable(QuerySubscribe request, Runnable answered) {
        Failure failure = MapAccess.unreadable(request.map());
        refuse(request, failure.code(), failure.message());
        answered.run();
    }

    private void refuse(QuerySubscribe request, ErrorCode code, String reason) {
        reply(new QueryResult(request.queryId(), List.of(), false, new Failure(code, reason)));
    }

    private void forget(ClientQuery failed) {
        if (queries.remove(failed.queryId(), failed)) {
            connection.metadata().unsubscribe(failed.queryId());
        }
    }

    void removeQuery(String queryId) {
        connection.metadata().unsubscribe(queryId);
        ClientQuery query = queries.remove(queryId);
        if (query != null) {
            query.close(() -> {});
        }
    }

    void clear() {
        cleared = true;
        maps.forEach(map -> server.mapInterest().remove(map, subscriber));
        maps.clear();
        connection.metadata().topics().forEach(this::removeTopic);
        queries.values().forEach(query -> query.close(() -> {}));
        queries.clear();
    }

    private void refuse(String what, int limit) {
        reply(
                new Failure(
                        ErrorCode.TOO_LARGE,
                        "a connection can follow at most " + limit + " " + what));
    }

    private void reply(ServerMessage message) {
        connection.reply(server.encode(message));
    }
}
