package dev.wingman.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.EntryKey;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.ServerMessage.MapEvent;
import dev.wingman.protocol.ServerMessage.TopicMessage;
import dev.wingman.protocol.TopicName;
import dev.wingman.security.Principal;
import dev.wingman.storage.StoredRecord;
import dev.wingman.sync.CommitPipeline.Applied;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FanOutTest {
    private static final Key KEY = new Key("k");
    private static final TopicName TOPIC = new TopicName("news");
    private static final TopicMessage MESSAGE = new TopicMessage(TOPIC, Rig.number(1), "alice", 5);

    private final Interest<MapName> maps = new Interest<>();
    private final Interest<TopicName> topics = new Interest<>();
    private final FanOut fanOut = new FanOut(Rig.CODEC, new SentCounters(), maps, topics);

    /** Keeps what it is told. */
    private static final class Listening implements Subscriber {
        final List<EntryKey> keys = new ArrayList<>();
        final List<byte[]> events = new ArrayList<>();
        final List<byte[]> messages = new ArrayList<>();

        @Override
        public void mapChanged(EntryKey key, byte[] frame) {
            keys.add(key);
            events.add(frame);
        }

        @Override
        public void topicPublished(byte[] frame) {
            messages.add(frame);
        }

        @Override
        public void told(byte[] frame) {
            messages.add(frame);
        }

        @Override
        public void accessChanged() {
            throw new AssertionError("nobody asked for it");
        }

        @Override
        public @Nullable Principal principal() {
            return null;
        }
    }

    private Listening on(MapName map) {
        var subscriber = new Listening();
        maps.add(map, subscriber);
        return subscriber;
    }

    private static Applied change(@Nullable Subscriber author) {
        var stored = new StoredRecord(Rig.record(5, Rig.number(1)), 1, Stamp.NONE);
        return new Applied(Rig.TODOS, KEY, stored, author);
    }

    @Test
    void everybodyInterestedGetsTheSameBytes() {
        Listening one = on(Rig.TODOS);
        Listening two = on(Rig.TODOS);

        fanOut.mapChanged(change(null));

        byte[] expected =
                Rig.CODEC.encode(new MapEvent(Rig.TODOS, KEY, Rig.record(5, Rig.number(1))));
        assertThat(one.events).containsExactly(expected);
        assertThat(two.events.getFirst()).isSameAs(one.events.getFirst());
        assertThat(one.keys).containsExactly(new EntryKey(Rig.TODOS, KEY));
        assertThat(fanOut.deliveries()).isEqualTo(2);
    }

    @Test
    void theAuthorIsNotToldOfItsOwnChange() {
        Listening author = on(Rig.TODOS);
        Listening other = on(Rig.TODOS);

        fanOut.mapChanged(change(author));

        assertThat(author.events).isEmpty();
        assertThat(other.events).hasSize(1);
    }

    @Test
    void whoFollowsAnotherMapHearsNothing() {
        Listening elsewhere = on(Rig.NOTES);

        fanOut.mapChanged(change(new Listening()));

        assertThat(elsewhere.events).isEmpty();
        assertThat(fanOut.deliveries()).isZero();
    }

    @Test
    void aMessageGoesToAllButItsPublisher() {
        var publisher = new Listening();
        var other = new Listening();
        topics.add(TOPIC, publisher);
        topics.add(TOPIC, other);

        fanOut.topicPublished(MESSAGE, publisher);

        assertThat(publisher.messages).isEmpty();
        assertThat(other.messages).containsExactly(Rig.CODEC.encode(MESSAGE));
    }

    @Test
    void whoPublishesWithoutListeningIsHeardAllTheSame() {
        var listener = new Listening();
        topics.add(TOPIC, listener);

        fanOut.topicPublished(MESSAGE, new Listening());

        assertThat(listener.messages).hasSize(1);
    }

    @Test
    void whoHasLeftHearsNothingAndTheLastToLeaveTakesTheSubjectWithIt() {
        Listening one = on(Rig.TODOS);
        Listening two = on(Rig.TODOS);
        maps.remove(Rig.TODOS, one);
        int withOneLeft = maps.subjects();

        maps.remove(Rig.TODOS, two);
        fanOut.mapChanged(change(new Listening()));

        assertThat(withOneLeft).isEqualTo(1);
        assertThat(maps.subjects()).isZero();
        assertThat(two.events).isEmpty();
    }

    @Test
    void interestShownTwiceCountsOnce() {
        Listening subscriber = on(Rig.TODOS);
        maps.add(Rig.TODOS, subscriber);

        fanOut.mapChanged(change(new Listening()));

        assertThat(subscriber.events).hasSize(1);
    }
}
