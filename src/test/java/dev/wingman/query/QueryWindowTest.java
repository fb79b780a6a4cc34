package dev.wingman.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.protocol.Key;
import dev.wingman.protocol.Query.SortField;
import dev.wingman.protocol.Value;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QueryWindowTest {
    private static final CompiledQuery FIRST_TWO_BY_RANK =
            Data.compiled(Data.sorted(2L, new SortField("rank", false)));

    private final QueryWindow window = new QueryWindow(FIRST_TWO_BY_RANK, 1);

    private static Row row(String key, int rank) {
        return row(key, rank, Row.NEVER);
    }

    private static Row row(String key, int rank, long expiresAtMillis) {
        return new Row(
                new Key(key),
                Value.ofEncoded(new byte[] {(byte) rank}),
                List.of(Data.whole(rank)),
                expiresAtMillis);
    }

    private void load(Row... rows) {
        List.of(rows).forEach(window::load);
    }

    @Test
    void whoFallsOutLeavesBeforeTheNewRowEnters() {
        load(row("a", 1), row("c", 3));

        List<Change> changes = window.put(row("b", 2));

        assertThat(changes).containsExactly(Change.leave(row("c", 3)), Change.enter(row("b", 2)));
    }

    @Test
    void theNextRowEntersAfterOneIsRemoved() {
        load(row("a", 1), row("b", 2), row("c", 3));

        List<Change> changes = window.remove(new Key("a"));

        assertThat(changes).containsExactly(Change.leave(row("a", 1)), Change.enter(row("c", 3)));
    }

    @Test
    void aRowThatStaysIsUpdatedEvenWhereItChangesItsPlace() {
        load(row("a", 1), row("b", 3), row("c", 5));

        assertThat(window.put(row("a", 4))).containsExactly(Change.update(row("a", 4)));
        assertThat(window.visible()).containsExactly(row("b", 3), row("a", 4));
    }

    @Test
    void aRowThatSortsItselfOutIsReplacedByTheNext() {
        load(row("a", 1), row("b", 2), row("c", 3));

        List<Change> changes = window.put(row("a", 9));

        assertThat(changes).containsExactly(Change.leave(row("a", 1)), Change.enter(row("c", 3)));
    }

    @Test
    void theSameValueAgainChangesNothing() {
        load(row("a", 1));

        assertThat(window.put(row("a", 1))).isEmpty();
    }

    @Test
    void whatHappensBeyondTheVisibleRowsIsNotTold() {
        load(row("a", 1), row("b", 2));

        assertThat(window.put(row("c", 3))).isEmpty();
        assertThat(window.put(row("c", 4))).isEmpty();
        assertThat(window.remove(new Key("c"))).isEmpty();
        assertThat(window.remove(new Key("never seen"))).isEmpty();
    }

    @Test
    void moreIsThereWhenARowIsSpareOrDropped() {
        load(row("a", 1), row("b", 2));
        assertThat(window.hasMore()).isFalse();

        window.put(row("c", 3));
        assertThat(window.hasMore()).isTrue();

        window.put(row("d", 4));
        window.remove(new Key("c"));
        assertThat(window.hasMore()).isTrue();
    }

    @Test
    void aRowBeyondTheHorizonIsNotTakenForTheNextOne() {
        load(row("a", 1), row("b", 2), row("c", 3), row("dropped", 4));
        window.remove(new Key("b"));
        window.remove(new Key("c"));

        List<Change> changes = window.put(row("e", 5));

        assertThat(changes).isEmpty();
        assertThat(window.needsRefill()).isTrue();
    }

    @Test
    void aRowBeforeTheHorizonIsTakenWhileTheRefillIsAwaited() {
        load(row("a", 1), row("b", 2), row("c", 3), row("dropped", 5));
        window.remove(new Key("b"));
        window.remove(new Key("c"));

        List<Change> changes = window.put(row("e", 4));

        assertThat(changes).containsExactly(Change.enter(row("e", 4)));
        assertThat(window.needsRefill()).isFalse();
    }

    @Test
    void aRefillTellsLeavesFirstThenTheRestInOrder() {
        load(row("a", 1), row("b", 2));

        QueryWindow fresh = window.startAgain();
        List.of(row("b", 5), row("c", 3), row("d", 9)).forEach(fresh::load);

        List<Change> changes = window.changesTo(fresh);

        assertThat(changes)
                .containsExactly(
                        Change.leave(row("a", 1)),
                        Change.enter(row("c", 3)),
                        Change.update(row("b", 5)));
    }

    @Test
    void expiredRowsLeaveAndTheNextUnexpiredOneEnters() {
        load(row("a", 1, 100), row("b", 2), row("c", 3, 100));
        assertThat(window.nextExpiryMillis()).isEqualTo(100);

        assertThat(window.expire(100)).isEmpty();
        assertThat(window.expire(101)).containsExactly(Change.leave(row("a", 1)));
        assertThat(window.nextExpiryMillis()).isEqualTo(Row.NEVER);
    }

    @Test
    void aLaterWriteMovesTheExpiry() {
        load(row("a", 1, 100));
        window.put(row("a", 1, 200));

        assertThat(window.expire(150)).isEmpty();
        assertThat(window.expire(201)).containsExactly(Change.leave(row("a", 1)));
    }

    @Test
    void aQuarterOfTheLimitAndAtLeastSixteenRowsAreSpare() {
        var small = new QueryWindow(FIRST_TWO_BY_RANK);
        IntStream.rangeClosed(1, 30).forEach(rank -> small.load(row("k" + rank, rank)));

        IntStream.rangeClosed(1, 16).forEach(rank -> small.remove(new Key("k" + rank)));
        assertThat(small.needsRefill()).isFalse();

        small.remove(new Key("k17"));
        assertThat(small.needsRefill()).isTrue();
    }
}
