package dev.wingman.sync;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who wants to hear of what: subscribers by subject, a subject being a map or a topic.
 *
 * <p>Thread-safe. A subscriber that leaves while a message is fanned out may still get it. How many
 * subjects one subscriber may name is limited by its session.
 */
final class Interest<S> {
    private final Map<S, Set<Subscriber>> bySubject = new ConcurrentHashMap<>();

    void add(S subject, Subscriber subscriber) {
        bySubject.compute(
                subject,
                (_, present) -> {
                    Set<Subscriber> subscribers =
                            present != null ? present : ConcurrentHashMap.newKeySet();
                    subscribers.add(subscriber);
                    return subscribers;
                });
    }

    /** Forgets the subject, too, with its last subscriber. */
    void remove(S subject, Subscriber subscriber) {
        bySubject.computeIfPresent(
                subject,
                (_, subscribers) -> {
                    subscribers.remove(subscriber);
                    return subscribers.isEmpty() ? null : subscribers;
                });
    }

    Set<Subscriber> in(S subject) {
        return bySubject.getOrDefault(subject, Set.of());
    }

    /** Each subscriber once. */
    Set<Subscriber> everybody() {
        Set<Subscriber> all = new HashSet<>();
        bySubject.values().forEach(all::addAll);
        return all;
    }

    int subjects() {
        return bySubject.size();
    }
}
