package dev.wingman.mission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.mission.EventBroadcast.Portion;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class EventBroadcastTest {
    private final EventBroadcast broadcast = new EventBroadcast();

    private static List<Event> events(long first, long last) {
        return Broadcasts.events(new UUID(0, 0), first, last);
    }

    @Test
    void aListenerGoesOnWhereItStopped() {
        broadcast.publish(events(1, 5));

        assertThat(broadcast.after(0, 3)).isEqualTo(new Portion.Next(events(1, 3), 3));
        assertThat(broadcast.after(3, 3)).isEqualTo(new Portion.Next(events(4, 5), 5));
        assertThat(broadcast.after(5, 3)).isEqualTo(new Portion.Next(List.of(), 5));
    }

    @Test
    void oneThatFellBehindIsToldSoOnce() {
        broadcast.publish(events(1, EventBroadcast.CAPACITY + 10));

        assertThat(broadcast.after(9, 1)).isEqualTo(new Portion.Lost(EventBroadcast.CAPACITY + 10));
        assertThat(broadcast.after(10, 1)).isEqualTo(new Portion.Next(events(11, 11), 11));
    }

    @Test
    void aPositionThatNeverWasIsLost() {
        broadcast.begin(events(4, 6), 6);

        assertThat(broadcast.after(7, 1)).isEqualTo(new Portion.Lost(6));
        assertThat(broadcast.after(2, 1)).isEqualTo(new Portion.Lost(6));
        assertThat(broadcast.after(3, 9)).isEqualTo(new Portion.Next(events(4, 6), 6));
    }

    @Test
    void aGapInWhatIsPublishedIsNotPassedOverInSilence() {
        broadcast.publish(events(1, 3));
        broadcast.publish(events(7, 8));

        assertThat(broadcast.after(3, 9)).isEqualTo(new Portion.Lost(8));
        assertThat(broadcast.after(6, 9)).isEqualTo(new Portion.Next(events(7, 8), 8));
    }
}
