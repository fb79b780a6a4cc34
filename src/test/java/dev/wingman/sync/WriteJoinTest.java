package dev.wingman.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.ServerMessage.AckLevel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WriteJoinTest {
    private final List<Object> heard = new ArrayList<>();
    private final Maps.Written whole =
            new Maps.Written() {
                @Override
                public void written(AckLevel level) {
                    heard.add(level);
                }

                @Override
                public void failed(ErrorCode code, String reason) {
                    heard.add(code);
                }
            };

    @Test
    void theAnswerComesWithTheLastPart() {
        var join = new WriteJoin(2, whole);
        join.written(AckLevel.PERSISTED);

        assertThat(heard).isEmpty();

        join.written(AckLevel.PERSISTED);

        assertThat(heard).containsExactly(AckLevel.PERSISTED);
    }

    @Test
    void theLowestLevelCounts() {
        var join = new WriteJoin(3, whole);

        join.written(AckLevel.REPLICATED);
        join.written(AckLevel.APPLIED);
        join.written(AckLevel.PERSISTED);

        assertThat(heard).containsExactly(AckLevel.APPLIED);
    }

    @Test
    void oneFailureFailsTheWholeAndTheFirstOneIsNamed() {
        var join = new WriteJoin(3, whole);

        join.written(AckLevel.PERSISTED);
        join.failed(ErrorCode.STORAGE_FULL, "full");
        join.failed(ErrorCode.UNAVAILABLE, "closed");

        assertThat(heard).containsExactly(ErrorCode.STORAGE_FULL);
    }
}
