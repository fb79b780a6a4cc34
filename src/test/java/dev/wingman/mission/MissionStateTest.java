package dev.wingman.mission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.mission.MissionState.Active;
import dev.wingman.mission.MissionState.Archived;
import dev.wingman.mission.MissionState.Draft;
import dev.wingman.mission.MissionState.Ended;
import dev.wingman.mission.MissionState.Outcome;
import dev.wingman.mission.MissionState.Paused;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MissionStateTest {
    private static final Instant START = Instant.parse("2026-11-21T10:00:00Z");
    private static final Instant END = START.plusSeconds(60);

    @Test
    void theTimesOfTheStartAndTheEndStay() {
        var active = new Draft().start(START);

        assertThat(active.pause().resume().end(Outcome.FAILED, END).archive())
                .isEqualTo(new Archived(START, END));
    }

    @Test
    void eachStateHasItsMoves() {
        assertThat(MissionMove.possible(new Draft()))
                .containsExactlyInAnyOrder(MissionMove.START, MissionMove.ARCHIVE);
        assertThat(MissionMove.possible(new Active(START)))
                .isEqualTo(
                        Set.of(
                                MissionMove.PAUSE,
                                MissionMove.COMPLETE,
                                MissionMove.FAIL,
                                MissionMove.CANCEL));
        assertThat(MissionMove.possible(new Paused(START)))
                .isEqualTo(
                        Set.of(
                                MissionMove.RESUME,
                                MissionMove.COMPLETE,
                                MissionMove.FAIL,
                                MissionMove.CANCEL,
                                MissionMove.ARCHIVE));
        assertThat(MissionMove.possible(new Ended(Outcome.COMPLETED, START, END)))
                .containsExactly(MissionMove.ARCHIVE);
        assertThat(MissionMove.possible(new Archived(null, null))).isEmpty();
    }

    @Test
    void repeatingTheStateChangesNothing() {
        var active = new Active(START);

        assertThat(MissionMove.START.apply(active, END)).contains(active);
        assertThat(MissionMove.RESUME.apply(active, END)).contains(active);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsStoredComesBack(MissionStatus status) {
        MissionState state = MissionState.of(status, START, END);

        assertThat(state.status()).isEqualTo(status);
        assertThat(MissionState.of(status, state.startedAt(), state.endedAt())).isEqualTo(state);
    }

    @Test
    void aSpecThatIsCompletedStaysSo() {
        assertThat(SpecStatus.COMPLETED.next()).isEmpty();
        assertThat(SpecStatus.IN_REVIEW.next())
                .containsExactlyInAnyOrder(
                        SpecStatus.IN_PROGRESS, SpecStatus.TESTING, SpecStatus.COMPLETED);
    }
}
