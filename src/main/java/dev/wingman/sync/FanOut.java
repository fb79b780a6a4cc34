package dev.wingman.sync;

import dev.wingman.protocol.EntryKey;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.MessageCodec;
import dev.wingman.protocol.ServerMessage;
import dev.wingman.protocol.ServerMessage.MapEvent;
import dev.wingman.protocol.ServerMessage.TopicMessage;
import dev.wingman.protocol.TopicName;
import dev.wingman.security.Principal;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Encodes a message once and hands the same bytes to everybody interested. Thread-safe. */
final class FanOut {
    private final MessageCodec codec;
    private final SentCounters sent;
    private final Interest<MapName> maps;
    private final Interest<TopicName> topics;
    private final LongAdder deliveries = new LongAdder();

    FanOut(
            MessageCodec codec,
            SentCounters sent,
            Interest<MapName> maps,
            Interest<TopicName> topics) {
        this.codec = codec;
        this.sent = sent;
        this.maps = maps;
        this.topics = topics;
    }

    void mapChanged(CommitPipeline.Applied change) {
        Set<Subscriber> subscribers = maps.in(change.map());
        if (isNobodyElse(subscribers, change.author())) {
            return;
        }
        var event = new MapEvent(change.map(), change.key(), change.record());
        byte[] frame = codec.encode(event);
        var key = new EntryKey(change.map(), change.key());
        int told = 0;
        for (Subscriber subscriber : subscribers) {
            if (!subscriber.equals(change.author())) {
                subscriber.mapChanged(key, frame);
                told++;
            }
        }
        delivered(event, told);
    }

    void topicPublished(TopicMessage message, Subscriber publisher) {
        Set<Subscriber> subscribers = topics.in(message.topic());
        if (isNobodyElse(subscribers, publisher)) {
            return;
        }
        byte[] frame = codec.encode(message);
        int told = 0;
        for (Subscriber subscriber : subscribers) {
            if (!subscriber.equals(publisher)) {
                subscriber.topicPublished(frame);
                told++;
            }
        }
        delivered(message, told);
    }

    /** A message of the server itself, which nobody misses without noticing. */
    void told(TopicMessage message, Predicate<@Nullable Principal> maySee) {
        byte @Nullable [] frame = null;
        int told = 0;
        for (Subscriber subscriber : topics.in(message.topic())) {
            if (maySee.test(subscriber.principal())) {
                frame = frame == null ? codec.encode(message) : frame;
                subscriber.told(frame);
                told++;
            }
        }
        delivered(message, told);
    }

    private void delivered(ServerMessage message, int receivers) {
        sent.count(message, receivers);
        deliveries.add(receivers);
    }

    /** Messages handed to subscribers since the start. */
    long deliveries() {
        return deliveries.sum();
    }

    private static boolean isNobodyElse(Set<Subscriber> subscribers, @Nullable Subscriber author) {
        return subscribers.isEmpty()
                || (author != null && subscribers.size() == 1 && subscribers.contains(author));
    }
}
