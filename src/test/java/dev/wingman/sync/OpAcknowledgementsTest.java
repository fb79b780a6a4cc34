package dev.wingman.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Op;
import dev.wingman.protocol.ServerMessage;
import dev.wingman.protocol.ServerMessage.AckLevel;
import dev.wingman.protocol.ServerMessage.Failure;
import dev.wingman.protocol.ServerMessage.OpAck;
import dev.wingman.protocol.ServerMessage.OpResult;
import dev.wingman.storage.Histogram;
import dev.wingman.sync.OpAcknowledgements.Pending;
import dev.wingman.sync.OperationCounters.Outcome;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OpAcknowledgementsTest {
    private static final Key KEY = new Key("k");

    private final List<ServerMessage> said = new ArrayList<>();
    private int startedOver;
    private final AtomicLong nanos = new AtomicLong();
    private final OperationCounters counters = new OperationCounters(nanos::get);
    private final OpAcknowledgements acknowledgements =
            new OpAcknowledgements(counters, said::add, () -> startedOver++);

    private Pending add(String... ids) {
        return acknowledgements.add(Stream.of(ids).<Op>map(id -> Rig.put(id, KEY, 5, 1)).toList());
    }

    private void written(Pending batch) {
        acknowledgements.written(batch, AckLevel.PERSISTED);
    }

    private void failed(Pending batch) {
        acknowledgements.failed(batch, ErrorCode.STORAGE_FULL, "full");
    }

    private static OpAck ack(String lastId) {
        return new OpAck(lastId, AckLevel.PERSISTED, List.of());
    }

    private static Failure notBefore(String lastId) {
        return new Failure(
                ErrorCode.UNAVAILABLE,
                "operations before " + lastId + " failed: send them again first");
    }

    private static final Failure FULL = new Failure(ErrorCode.STORAGE_FULL, "full");

    private Map<Outcome, Long> outcomes() {
        var outcomes = new EnumMap<Outcome, Long>(Outcome.class);
        Stream.of(Outcome.values()).forEach(each -> outcomes.put(each, counters.count(each)));
        return outcomes;
    }

    @Test
    void everyOperationIsCountedOnceByItsOutcome() {
        Pending kept = add("1", "2");
        Pending lost = add("3");
        acknowledgements.add(
                List.of(
                        new Op.Invalid("4", ErrorCode.BAD_REQUEST, "no such shape"),
                        Rig.put("5", KEY, 5, 1)));
        acknowledgements.refused(List.of(Rig.put("6", KEY, 5, 1)));
        acknowledgements.denied(List.of(Rig.put("7", KEY, 5, 1)));
        written(kept);
        failed(lost);

        assertThat(outcomes())
                .isEqualTo(
                        Map.of(
                                Outcome.ACKNOWLEDGED, 2L,
                                Outcome.DENIED, 1L,
                                Outcome.REFUSED, 1L,
                                Outcome.LIMITED, 1L,
                                Outcome.FAILED, 1L));
    }

    @Test
    void theTimeOfABatchCountsForEachOfItsOperations() {
        Pending batch = add("1", "2");
        nanos.addAndGet(3_000_000);

        written(batch);

        Histogram durations = counters.durations();
        assertThat(durations.sum()).isEqualTo(6_000_000);
        assertThat(LongStream.range(0, durations.size()).filter(i -> durations.count((int) i) > 0))
                .singleElement()
                .satisfies(
                        i -> assertThat(durations.upperBound(i.intValue())).isEqualTo(5_000_000));
    }

    @Test
    void aBatchIsAcknowledgedByItsLastId() {
        written(add("1", "2"));

        assertThat(said).containsExactly(ack("2"));
    }

    @Test
    void batchesAreAcknowledgedInTheirOrder() {
        Pending first = add("1");
        Pending second = add("2");
        written(second);

        assertThat(said).isEmpty();

        written(first);

        assertThat(said).containsExactly(ack("1"), ack("2"));
    }

    @Test
    void theLevelIsThatOfTheBatch() {
        acknowledgements.written(add("1"), AckLevel.REPLICATED);

        assertThat(said).containsExactly(new OpAck("1", AckLevel.REPLICATED, List.of()));
    }

    @Test
    void aFailedBatchIsNotAcknowledged() {
        failed(add("1"));

        assertThat(said).containsExactly(FULL);
    }

    @Test
    void theSuccessorOfAFailedBatchIsNotAcknowledged() {
        failed(add("1"));

        written(add("2"));

        assertThat(said).containsExactly(FULL, notBefore("2"));
    }

    @Test
    void onceTheFailedOpsHaveComeAgainEverythingIsAcknowledged() {
        failed(add("1", "2"));
        written(add("1"));
        written(add("3"));

        written(add("2", "3"));

        assertThat(said).containsExactly(FULL, ack("1"), notBefore("3"), ack("3"));
    }

    @Test
    void aBatchBeforeTheFailedOneIsAcknowledgedAllTheSame() {
        Pending first = add("1");
        Pending second = add("2");
        failed(second);

        written(first);

        assertThat(said).containsExactly(ack("1"), FULL);
    }

    /** The client has the acknowledgement of op 1 already and does not send it again. */
    @Test
    void anOpThatWasAcknowledgedDoesNotBlockTheQueueWhenItIsSentAgainAndFails() {
        Pending first = add("1");
        Pending again = add("1", "2");
        written(first);
        failed(again);

        written(add("2"));

        assertThat(said).containsExactly(ack("1"), FULL, ack("2"));
    }

    @Test
    void aSmallerNumberThatIsStillUnderWayIsWaitedFor() {
        Pending ten = add("10");
        Pending five = add("5");
        written(ten);

        assertThat(said).isEmpty();

        written(five);

        assertThat(said).containsExactly(ack("10"), ack("5"));
    }

    @Test
    void aSmallerNumberThatFailsMeanwhileTakesTheAcknowledgementWithIt() {
        Pending ten = add("10");
        Pending five = add("5");
        written(ten);

        failed(five);

        assertThat(said).containsExactly(notBefore("10"), FULL);
    }

    @Test
    void opsThatAreSentOnceMoreAreNotWaitedFor() {
        Pending first = add("1", "2");
        add("1", "2", "3");

        written(first);

        assertThat(said).containsExactly(ack("2"));
    }

    @Test
    void acknowledgedOpsThatAreSentOnceMoreAreNotWaitedFor() {
        written(add("1"));
        Pending third = add("3");
        add("1", "4");

        written(third);

        assertThat(said).containsExactly(ack("1"), ack("3"));
    }

    @Test
    void idsThatAreNoNumbersComeBackAsTheyAre() {
        failed(add("batch-1"));

        written(add("batch-2"));

        assertThat(said).containsExactly(FULL, ack("batch-2"));
    }

    @Test
    void aBatchWithoutIdsAcknowledgesNothing() {
        written(acknowledgements.add(List.of()));

        assertThat(said).containsExactly(ack("0"));
    }

    @Test
    void aRefusedOpIsNamedInTheAcknowledgementThatCoversIt() {
        Pending batch =
                acknowledgements.add(
                        List.of(
                                Rig.put("1", KEY, 5, 1),
                                new Op.Invalid("2", ErrorCode.TOO_LARGE, "a key is too long")));

        written(batch);

        assertThat(batch.valid()).hasSize(1);
        assertThat(said)
                .containsExactly(
                        new OpAck(
                                "2",
                                AckLevel.PERSISTED,
                                List.of(
                                        new OpResult(
                                                "2",
                                                false,
                                                AckLevel.MEMORY,
                                                "a key is too long"))));
    }

    @Test
    void aClientWithTooManyFailedOpsHasToStartOver() {
        String[] ids =
                IntStream.rangeClosed(1, OpAcknowledgements.MAX_FAILED)
                        .mapToObj(Integer::toString)
                        .toArray(String[]::new);
        failed(add(ids));
        int before = startedOver;

        failed(add(Integer.toString(OpAcknowledgements.MAX_FAILED + 1)));

        assertThat(before).isZero();
        assertThat(startedOver).isEqualTo(1);
    }

    @Test
    void theMapsOfABatchAreNamedOnceForAllOpsInARow() {
        List<MapName> named = new ArrayList<>();
        Pending batch =
                acknowledgements.add(
                        List.of(
                                Rig.put("1", KEY, 5, 1),
                                Rig.put("2", KEY, 6, 1),
                                new Op.Remove("3", Rig.NOTES, KEY)));

        batch.forEachMap(named::add);

        assertThat(named).containsExactly(Rig.TODOS, Rig.NOTES);
    }
}
