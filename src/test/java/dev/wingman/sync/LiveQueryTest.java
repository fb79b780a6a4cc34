package dev.wingman.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.Timestamp;
import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Op;
import dev.wingman.protocol.Query;
import dev.wingman.protocol.ServerMessage.AckLevel;
import dev.wingman.protocol.ServerMessage.RowChange;
import dev.wingman.query.Change;
import dev.wingman.query.Compiled;
import dev.wingman.query.CompiledQuery;
import dev.wingman.query.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LiveQueryTest {
    private static final int ROWS = 60;
    private static final CommitPipeline.Acknowledgement NOBODY_WAITS =
            new CommitPipeline.Acknowledgement() {
                @Override
                public void written(AckLevel level) {}

                @Override
                public void failed(ErrorCode code, String reason) {}
            };

    private final Rig rig = new Rig();
    private final Interest<MapName> nobody = new Interest<>();
    private final FanOut fanOut =
            new FanOut(Rig.CODEC, new SentCounters(), nobody, new Interest<>());
    private final List<Stripe> stripes =
            List.of(
                    new Stripe(0, rig.executors, rig.parts, fanOut, rig.failures),
                    new Stripe(1, rig.executors, rig.parts, fanOut, rig.failures));
    private final Shown shown = new Shown();

    /** What a client that applies every change sees. */
    private static final class Shown implements LiveQuery.Sink {
        final Set<Key> rows = new HashSet<>();
        final List<Change> changes = new ArrayList<>();
        int answers;
        boolean hasMore;
        int most;
        @Nullable RuntimeException failure;

        @Override
        public void rows(List<Row> all, boolean more) {
            answers++;
            hasMore = more;
            rows.clear();
            all.forEach(row -> rows.add(row.key()));
        }

        @Override
        public void changed(List<Change> news) {
            changes.addAll(news);
            for (Change change : news) {
                if (change.kind() == RowChange.LEAVE) {
                    rows.remove(change.key());
                } else {
                    rows.add(change.key());
                }
                most = Math.max(most, rows.size());
            }
        }

        @Override
        public void failed(RuntimeException cause) {
            failure = cause;
        }
    }

    private LiveQuery query(@Nullable Integer limit) {
        Query asked = limit == null ? Query.EVERYTHING : Query.EVERYTHING.withLimit(limit);
        var compiled = (Compiled.Ok) CompiledQuery.compile(asked, 1_000, Long.MAX_VALUE);
        return new LiveQuery(
                new LiveQuery.Subject(Rig.TODOS, compiled.query()),
                shown,
                stripes,
                stripes.getFirst());
    }

    private void write(Op.Write op) {
        Stripe stripe = stripes.get(op.key().partition() % stripes.size());
        stripe.executor().execute(() -> stripe.write(List.of(op), null, NOBODY_WAITS));
    }

    private static Key row(int number) {
        return new Key("row%02d".formatted(number));
    }

    private void writeRows(int count) {
        for (int i = 0; i < count; i++) {
            write(Rig.put("", row(i), 5, i));
        }
        rig.settle();
    }

    private static Set<Key> rows(int from, int to) {
        Set<Key> rows = new HashSet<>();
        for (int i = from; i < to; i++) {
            rows.add(row(i));
        }
        return rows;
    }

    private int watches() {
        return stripes.stream().mapToInt(stripe -> stripe.watches().size()).sum();
    }

    @Test
    void theFirstAnswerHasTheRowsOfAllStripes() {
        writeRows(10);

        query(null).start();
        rig.settle();

        assertThat(shown.answers).isEqualTo(1);
        assertThat(shown.rows).isEqualTo(rows(0, 10));
        assertThat(shown.hasMore).isFalse();
    }

    @Test
    void anEmptyMapIsAnAnswer() {
        query(null).start();
        rig.settle();

        assertThat(shown.answers).isEqualTo(1);
        assertThat(shown.rows).isEmpty();
    }

    @Test
    void rowsEnterChangeAndLeave() {
        query(null).start();
        rig.settle();

        write(Rig.put("", row(1), 5, 1));
        rig.settle();
        write(Rig.put("", row(1), 6, 2));
        rig.settle();
        write(Rig.remove("", row(1), 7));
        rig.settle();

        assertThat(shown.changes)
                .extracting(Change::kind)
                .containsExactly(RowChange.ENTER, RowChange.UPDATE, RowChange.LEAVE);
    }

    @Test
    void nothingIsShownBeforeItIsOnTheDisk() {
        query(null).start();
        rig.settle();

        write(Rig.put("", row(1), 5, 1));
        rig.runAllButDisk();

        assertThat(shown.changes).isEmpty();
    }

    @Test
    void aChangeOnAStripeThatHasBeenScannedIsNotLost() {
        Key early = Rig.keyOn(0, 0);
        writeRows(10);
        query(null).start();
        rig.stripes.getFirst().runAll();
        write(Rig.put("", early, 5, 1));
        rig.stripes.getFirst().runAll();
        rig.disk.runAll();
        rig.stripes.getFirst().runAll();

        rig.settle();

        Set<Key> expected = rows(0, 10);
        expected.add(early);
        assertThat(shown.answers).isEqualTo(1);
        assertThat(shown.rows).isEqualTo(expected);
    }

    /** The disk is two batches ahead of what the stripe has applied. */
    @Test
    void aQueryThatHasSeenTheLatestValueIsNotToldOfTheOnesBefore() {
        Key key = Rig.keyOn(0, 0);
        ManualExecutor stripe = rig.stripes.getFirst();
        write(Rig.put("", key, 4, 1));
        rig.settle();
        write(Rig.put("", key, 5, 2));
        stripe.runAll();
        write(Rig.remove("", key, 6));
        stripe.runAll();
        query(null).start();
        stripe.runNext();
        rig.stripes.getLast().runAll();
        rig.disk.runAll();

        rig.settle();
        List<Change> ofThePast = List.copyOf(shown.changes);
        write(Rig.put("", key, 7, 3));
        rig.settle();

        assertThat(shown.answers).isEqualTo(1);
        assertThat(ofThePast).isEmpty();
        assertThat(shown.rows).containsExactly(key);
    }

    @Test
    void aLimitedQueryShowsTheNextRowWhenOneLeaves() {
        writeRows(10);
        query(3).start();
        rig.settle();

        write(Rig.remove("", row(0), 9));
        rig.settle();

        assertThat(shown.rows).isEqualTo(rows(1, 4));
        assertThat(shown.most).isLessThanOrEqualTo(3);
        assertThat(shown.hasMore).isTrue();
    }

    @Test
    void aWindowThatHasRunOutOfRowsIsFilledFromTheMap() {
        writeRows(ROWS);
        query(2).start();
        rig.settle();

        for (int i = 0; i < ROWS / 2; i++) {
            write(Rig.remove("", row(i), 9));
        }
        rig.settle();

        assertThat(shown.rows).isEqualTo(rows(ROWS / 2, ROWS / 2 + 2));
        assertThat(shown.most).isLessThanOrEqualTo(2);
    }

    @Test
    void aWindowThatHasRunOutOfRowsDuringTheFirstScanIsFilledFromTheMap() {
        List<Key> keys = keysOfFirstStripe();
        keys.forEach(key -> write(Rig.put("", key, 5, 1)));
        rig.settle();
        query(1).start();
        rig.stripes.getFirst().runAll(); // has scanned; the other stripe has not
        keys.subList(0, ROWS - 1).forEach(key -> write(Rig.remove("", key, 9)));
        rig.stripes.getFirst().runAll();
        rig.disk.runAll();
        rig.stripes.getFirst().runAll();

        rig.settle();

        assertThat(shown.rows).containsExactly(keys.getLast());
    }

    /** In the order in which a query shows them. */
    private static List<Key> keysOfFirstStripe() {
        return IntStream.range(0, ROWS)
                .mapToObj(i -> Rig.keyOn(0, i))
                .sorted(Comparator.comparing(Key::value))
                .toList();
    }

    @Test
    void whatChangesDuringAFillIsNotLost() {
        writeRows(ROWS);
        query(2).start();
        rig.settle();
        for (int i = 0; i < ROWS / 2; i++) {
            write(Rig.remove("", row(i), 9));
        }
        rig.stripes.forEach(ManualExecutor::runAll);
        rig.disk.runAll();
        rig.stripes.getLast().runAll(); // tells the home stripe, which will ask to scan again
        write(Rig.put("", row(0), 10, 0));

        rig.settle();

        assertThat(shown.rows).containsExactlyInAnyOrder(row(0), row(ROWS / 2));
    }

    @Test
    void rowsWhoseTimeIsOverLeave() {
        Op.Write mortal =
                new Op.Write(
                        "",
                        Rig.TODOS,
                        row(1),
                        new LwwRecord<>(
                                Rig.number(1),
                                new Timestamp(Rig.START_MILLIS, 0, "client"),
                                1_000));
        write(mortal);
        rig.settle();
        query(null).start();
        rig.settle();
        rig.millis.addAndGet(1_001);

        stripes.getFirst().watches().expireRows();

        assertThat(shown.changes).extracting(Change::kind).containsExactly(RowChange.LEAVE);
    }

    @Test
    void allRowsAreSentAgainOnRequest() {
        writeRows(3);
        LiveQuery query = query(null);
        query.start();
        rig.settle();

        query.resend();
        rig.settle();

        assertThat(shown.answers).isEqualTo(2);
        assertThat(shown.rows).isEqualTo(rows(0, 3));
    }

    @Test
    void aClosedQueryHearsNothingAndLeavesNothingBehind() {
        LiveQuery query = query(null);
        query.start();
        rig.settle();
        int open = watches();

        query.close(() -> {});
        rig.settle();
        write(Rig.put("", row(1), 5, 1));
        rig.settle();

        assertThat(open).isEqualTo(2);
        assertThat(watches()).isZero();
        assertThat(shown.changes).isEmpty();
    }

    @Test
    void aQueryClosedDuringItsScanIsNeverAnsweredAndLeavesNothingBehind() {
        writeRows(10);
        LiveQuery query = query(null);
        query.start();
        rig.stripes.getFirst().runNext();
        boolean[] done = {false};

        query.close(() -> done[0] = true);
        rig.settle();

        assertThat(done[0]).isTrue();
        assertThat(shown.answers).isZero();
        assertThat(watches()).isZero();
    }

    @Test
    void aQueryThatCannotBeReadFailsOnceAndLeavesNothingBehind() {
        writeRows(10);
        rig.store.close();

        query(null).start();
        rig.settle();

        assertThat(shown.failure).isNotNull();
        assertThat(shown.answers).isZero();
        assertThat(watches()).isZero();
    }
}
