package dev.wingman.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.crdt.HybridLogicalClock;
import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.Datum;
import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.Op;
import dev.wingman.protocol.Query;
import dev.wingman.protocol.ServerMessage.AckLevel;
import dev.wingman.protocol.ServerMessage.Entry;
import dev.wingman.protocol.ServerMessage.OpAck;
import dev.wingman.protocol.SyncRequest;
import dev.wingman.protocol.SyncRequest.HttpQuery;
import dev.wingman.protocol.SyncRequest.MapSince;
import dev.wingman.protocol.SyncResponse;
import dev.wingman.protocol.SyncResponse.Delta;
import dev.wingman.protocol.SyncResponse.QueryRows;
import dev.wingman.protocol.SyncResponse.SyncError;
import dev.wingman.protocol.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HttpSyncTest {
    private static final int MAX_RECORDS = 4;
    private static final Key KEY = new Key("k");
    private static final MapSince EVERYTHING = new MapSince(Rig.TODOS, Stamp.NONE);

    private final Rig rig = new Rig();
    private final SyncServer server =
            rig.server(null, new SyncServer.Limits(32, 20_000, 40_000, MAX_RECORDS, 3, 1 << 20));
    private final HttpSync http = new HttpSync(server, null);

    private SyncResponse answer(List<Op> ops, List<MapSince> maps, List<HttpQuery> queries) {
        return answer(new SyncRequest(null, ops, maps, queries, List.of()));
    }

    private SyncResponse answer(SyncRequest request) {
        var answer = http.answer(request).toCompletableFuture();
        rig.settle();
        assertThat(answer).isDone();
        return answer.join();
    }

    private static HttpQuery query(long offset, Query query) {
        return new HttpQuery("q", Rig.TODOS, query, offset, null);
    }

    private List<Op> numbered(int count) {
        List<Op> ops = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ops.add(Rig.put("" + (i + 1), new Key("k" + i), 5, i));
        }
        return ops;
    }

    @Test
    void anEmptyRequestAsksForTheClock() {
        SyncResponse answer = answer(SyncRequest.EMPTY);

        assertThat(answer.serverHlc().millis()).isEqualTo(Rig.START_MILLIS);
        assertThat(answer.ack()).isNull();
        assertThat(answer.deltas()).isEmpty();
        assertThat(answer.errors()).isEmpty();
    }

    @Test
    void operationsAreAcknowledgedOnceTheyAreOnTheDisk() {
        var answer =
                http.answer(request(List.of(Rig.put("7", KEY, 5, 1)), List.of()))
                        .toCompletableFuture();
        rig.runAllButDisk();

        assertThat(answer).isNotDone();

        rig.settle();

        assertThat(answer.join().ack()).isEqualTo(new OpAck("7", AckLevel.PERSISTED, List.of()));
    }

    @Test
    void queriesAndDeltasSeeTheOperationsOfTheirRequest() {
        SyncResponse answer =
                answer(
                        List.of(Rig.put("1", KEY, 5, 1)),
                        List.of(EVERYTHING),
                        List.of(query(0, Query.EVERYTHING)));

        assertThat(answer.queryResults())
                .containsExactly(new QueryRows("q", List.of(Rig.number(1)), false));
        assertThat(rig.watches(server)).isZero();
        assertThat(answer.deltas())
                .singleElement()
                .returns(List.of(new Entry(KEY, Rig.record(5, Rig.number(1)))), Delta::entries);
    }

    @Test
    void withoutAChangeThereIsNoDelta() {
        Delta first =
                answer(List.of(Rig.put("1", KEY, 5, 1)), List.of(EVERYTHING), List.of())
                        .deltas()
                        .getFirst();

        SyncResponse second = answer(List.of(), List.of(since(first)), List.of());

        assertThat(second.deltas()).isEmpty();
    }

    private static MapSince since(Delta delta) {
        return new MapSince(delta.map(), delta.until().stamp());
    }

    @Test
    void aWriteMadeLongAgoThatArrivesNowIsInTheNextDelta() {
        Delta first =
                answer(List.of(Rig.put("1", KEY, 900, 1)), List.of(EVERYTHING), List.of())
                        .deltas()
                        .getFirst();
        var late = new Key("late");

        SyncResponse second =
                answer(List.of(Rig.put("2", late, 1, 2)), List.of(since(first)), List.of());

        assertThat(second.deltas().getFirst().entries())
                .containsExactly(new Entry(late, Rig.record(1, Rig.number(2))));
    }

    @Test
    void aLargeDeltaComesInPartsThatTogetherHaveEverything() {
        answer(numbered(3 * MAX_RECORDS), List.of(), List.of());
        Set<Key> told = new HashSet<>();
        MapSince since = EVERYTHING;
        int parts = 0;

        List<Delta> deltas = answer(List.of(), List.of(since), List.of()).deltas();
        while (!deltas.isEmpty()) {
            assertThat(deltas.getFirst().entries()).hasSizeLessThanOrEqualTo(MAX_RECORDS);
            deltas.getFirst().entries().forEach(entry -> told.add(entry.key()));
            since = since(deltas.getFirst());
            deltas = answer(List.of(), List.of(since), List.of()).deltas();
            parts++;
        }

        assertThat(told).hasSize(3 * MAX_RECORDS);
        assertThat(parts).isEqualTo(3);
    }

    /** The stamp before the first of a millisecond has the largest counter there is. */
    @Test
    void howFarADeltaReachesCanBeSentBackAsANumberOfJavaScript() {
        long tooFarAheadToMoveTheClock =
                2 * (Rig.START_MILLIS + HybridLogicalClock.MAX_DRIFT_MILLIS);
        write(Rig.put("1", Rig.keyOn(0, 0), tooFarAheadToMoveTheClock, 1));
        rig.millis.addAndGet(1);
        write(Rig.put("2", Rig.keyOn(1, 0), 5, 2));
        var answer = http.answer(request(List.of(), List.of(EVERYTHING))).toCompletableFuture();
        rig.disk.runAll();
        rig.stripes.getFirst().runNext(); // asked before it hears that its write is on the disk
        rig.settle();

        SyncRequest next = Rig.CODEC.decodeSyncRequest(requestAfter(answer.join()));

        assertThat(next.maps().getFirst().since())
                .isEqualTo(new Stamp(Rig.START_MILLIS, 0).before());
        assertThat(answer(next).deltas().getFirst().entries()).hasSize(2);
    }

    private void write(Op op) {
        http.answer(request(List.of(op), List.of()));
        rig.runAllButDisk();
    }

    private static SyncRequest request(List<Op> ops, List<MapSince> maps) {
        return new SyncRequest(null, ops, maps, List.of(), List.of());
    }

    /** What a client asks next, given the bytes of an answer. */
    private static byte[] requestAfter(SyncResponse answer) {
        Datum delta = items(field(decoded(answer), "deltas")).getFirst();
        var asked = new LinkedHashMap<String, Datum>();
        asked.put("mapName", field(delta, "mapName"));
        asked.put("lastSyncTimestamp", field(delta, "serverSyncTimestamp"));
        Datum maps = new Datum.Sequence(List.of(new Datum.Dictionary(asked)));
        return Value.of(new Datum.Dictionary(Map.of("syncMaps", maps))).encoded();
    }

    private static Datum decoded(SyncResponse answer) {
        return Datum.of(Value.ofEncoded(Rig.CODEC.encode(answer)));
    }

    private static Datum field(Datum of, String name) {
        return Objects.requireNonNull(((Datum.Dictionary) of).fields().get(name));
    }

    private static List<Datum> items(Datum of) {
        return ((Datum.Sequence) of).items();
    }

    @Test
    void aFailedWriteIsAnErrorAndNoAcknowledgement() {
        rig.fillDisk();

        SyncResponse answer = answer(List.of(Rig.put("1", KEY, 5, 1)), List.of(), List.of());

        assertThat(answer.ack()).isNull();
        assertThat(answer.errors())
                .containsExactly(
                        new SyncError(
                                ErrorCode.STORAGE_FULL,
                                "the server has no more space; reads still work",
                                "operations"));
    }

    @Test
    void aQueryMaySkipRows() {
        answer(numbered(MAX_RECORDS), List.of(), List.of());

        SyncResponse answer =
                answer(List.of(), List.of(), List.of(query(1, Query.EVERYTHING.withLimit(2))));

        assertThat(answer.queryResults())
                .containsExactly(new QueryRows("q", List.of(Rig.number(1), Rig.number(2)), true));
    }

    @Test
    void asManyRowsAsCanBeAskedForMaySkipSome() {
        answer(numbered(2), List.of(), List.of());

        SyncResponse answer =
                answer(
                        List.of(),
                        List.of(),
                        List.of(query(1, Query.EVERYTHING.withLimit(Long.MAX_VALUE))));

        assertThat(answer.queryResults())
                .containsExactly(new QueryRows("q", List.of(Rig.number(1)), false));
    }

    @Test
    void skippingMoreThanThereIsGivesNoRows() {
        answer(numbered(2), List.of(), List.of());

        SyncResponse answer =
                answer(List.of(), List.of(), List.of(query(9, Query.EVERYTHING.withLimit(1))));

        assertThat(answer.queryResults().getFirst().rows()).isEmpty();
    }

    @Test
    void whatCannotBeAskedIsAmongTheErrors() {
        var broken = new HttpQuery("q", Rig.TODOS, Query.EVERYTHING, 0, "limit is a number");
        var paged = new Query(null, Map.of(), List.of(), null, "c", List.of(), List.of(), false);

        SyncResponse answer =
                answer(
                        new SyncRequest(
                                null,
                                List.of(),
                                List.of(),
                                List.of(broken, query(0, paged)),
                                List.of("s")));

        assertThat(answer.errors())
                .extracting(SyncError::code)
                .containsExactlyInAnyOrder(
                        ErrorCode.NOT_AVAILABLE, ErrorCode.NOT_AVAILABLE, ErrorCode.BAD_REQUEST);
        assertThat(answer.queryResults()).isEmpty();
    }

    @Test
    void aStoreThatCannotBeReadIsAmongTheErrors() {
        answer(numbered(1), List.of(), List.of());
        rig.store.close();

        SyncResponse answer =
                answer(List.of(), List.of(EVERYTHING), List.of(query(0, Query.EVERYTHING)));

        assertThat(answer.errors())
                .extracting(SyncError::code)
                .containsExactly(ErrorCode.UNAVAILABLE, ErrorCode.UNAVAILABLE);
    }

    @Test
    void theServerLearnsFromTheClientsClock() {
        var ahead = new Stamp(Rig.START_MILLIS + 1_000, 3);

        SyncResponse answer =
                answer(new SyncRequest(ahead, List.of(), List.of(), List.of(), List.of()));

        assertThat(answer.serverHlc().stamp()).isGreaterThan(ahead);
    }

    @Test
    void aClientClockFarAheadIsNotFollowed() {
        var farAhead = new Stamp(Rig.START_MILLIS + HybridLogicalClock.MAX_DRIFT_MILLIS + 1, 0);

        SyncResponse answer =
                answer(new SyncRequest(farAhead, List.of(), List.of(), List.of(), List.of()));

        assertThat(answer.serverHlc().millis()).isEqualTo(Rig.START_MILLIS);
    }
}
