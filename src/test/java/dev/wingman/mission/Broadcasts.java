package dev.wingman.mission;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;

/** Events for the tests of those who listen. */
public final class Broadcasts {
    private Broadcasts() {}

    /** Publishes missions that an owner has made, with these ids of events. */
    public static void publish(EventBroadcast broadcast, UUID owner, long first, long last) {
        broadcast.publish(events(owner, first, last));
    }

    static List<Event> events(UUID owner, long first, long last) {
        return LongStream.rangeClosed(first, last)
                .mapToObj(id ->
                        new Event(
                                id,
                                Event.Type.MISSION_CREATED,
                                Instant.EPOCH,
                                owner,
                                null,
                                null,
                                null,
                                null,
                                null,
                                null))
                .toList();
    }
}
