package dev.wingman.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wingman.security.RefusedException;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageTest {
    private static final String QUERY = "/things{}";

    private static Page page(@Nullable String cursor) {
        return new Page("/things", Map.of(), 20, cursor);
    }

    @Test
    void aCursorSaysWhereThePageBeforeEnded() {
        var id = new UUID(1, 2);

        assertThat(page(Cursor.of(QUERY, id.toString())).positionId()).isEqualTo(id);
        assertThat(page(null).positionId()).isNull();
    }

    /** The sum in a cursor is no secret: anybody can make one up. */
    @Test
    void aCursorWithOtherValuesIsRefused() {
        Page made = page(Cursor.of(QUERY, "x"));

        assertThatThrownBy(made::positionId).isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> made.position(1, values -> Long.valueOf(values.getFirst())))
                .isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> made.position(1, values -> Page.time(values.getFirst())))
                .isInstanceOf(RefusedException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1969-12-31T23:59:59Z", "+10000-01-01T00:00:00Z"})
    void aCursorWithATimeThatNoDatabaseKnowsIsRefused(String time) {
        Page made = page(Cursor.of(QUERY, time));

        assertThatThrownBy(() -> made.position(1, values -> Page.time(values.getFirst())))
                .isInstanceOf(RefusedException.class);
    }
}
