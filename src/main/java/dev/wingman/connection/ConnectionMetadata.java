package dev.wingman.connection;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.wingman.protocol.TopicName;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a connection beside its socket. Its session writes it; the sweep and the
 * operator read it.
 *
 * <p>Thread-safe. Sets come into being with their first element: most connections are idle.
 */
public final class ConnectionMetadata {
    /** Of subscriptions and of topics, each. */
    public static final int MAX_NAMES = 1_000;

    private volatile boolean authenticated;
    private volatile @Nullable String principal;
    private volatile boolean foreign;
    private volatile @Nullable Instant authenticatedUntil;
    private volatile long lastHeartbeatNanos;

    /** Since the Unix epoch; below zero before the first. */
    private volatile long lastTimestampMillis = -1;

    private volatile @Nullable String peerNodeId;

    @GuardedBy("this")
    private @Nullable Set<String> subscriptions;

    @GuardedBy("this")
    private @Nullable Set<TopicName> topics;

    ConnectionMetadata(long nowNanos) {
        this.lastHeartbeatNanos = nowNanos;
    }

    public boolean authenticated() {
        return authenticated;
    }

    /** The subject of the token; null before authentication and on an open server. */
    public @Nullable String principal() {
        return principal;
    }

    /** As {@link #principal}; null also for the token of another issuer, which has no account. */
    public @Nullable String account() {
        return foreign ? null : principal;
    }

    /**
     * @param isForeign whether another issuer than ours made the token
     * @param until when the right to be here ends; null when it does not
     */
    public void authenticate(@Nullable String subject, boolean isForeign, @Nullable Instant until) {
        foreign = isForeign;
        principal = subject;
        authenticatedUntil = until;
        authenticated = true;
    }

    /** When the right to be here ends; null when it does not. */
    public @Nullable Instant authenticatedUntil() {
        return authenticatedUntil;
    }

    boolean isExpired(Instant now) {
        Instant until = authenticatedUntil;
        return until != null && !now.isBefore(until);
    }

    /** When the other end last gave a sign of life, on the clock of the registry. */
    public long lastHeartbeatNanos() {
        return lastHeartbeatNanos;
    }

    void heartbeat(long nowNanos) {
        lastHeartbeatNanos = nowNanos;
    }

    /** The wall clock in the last timestamp that the other end made; null before the first. */
    public @Nullable Instant lastTimestamp() {
        long millis = lastTimestampMillis;
        return millis < 0 ? null : Instant.ofEpochMilli(millis);
    }

    /**
     * @param millis of the timestamp, since the Unix epoch
     */
    public void saw(long millis) {
        lastTimestampMillis = millis;
    }

    /** Null unless the other end is a node of the cluster that has said which. */
    public @Nullable String peerNodeId() {
        return peerNodeId;
    }

    public void identifyPeer(String nodeId) {
        peerNodeId = nodeId;
    }

    /** Ids of live queries. */
    public synchronized Set<String> subscriptions() {
        return subscriptions == null ? Set.of() : Set.copyOf(subscriptions);
    }

    /**
     * @return false when the connection has {@link #MAX_NAMES} already
     */
    public synchronized boolean subscribe(String queryId) {
        if (subscriptions == null) {
            subscriptions = new HashSet<>(4);
        }
        return addWithinLimit(subscriptions, queryId);
    }

    public synchronized void unsubscribe(String queryId) {
        if (subscriptions != null) {
            subscriptions.remove(queryId);
        }
    }

    public synchronized Set<TopicName> topics() {
        return topics == null ? Set.of() : Set.copyOf(topics);
    }

    /**
     * @return false when the connection has {@link #MAX_NAMES} already
     */
    public synchronized boolean joinTopic(TopicName topic) {
        if (topics == null) {
            topics = new HashSet<>(4);
        }
        return addWithinLimit(topics, topic);
    }

    public synchronized void leaveTopic(TopicName topic) {
        if (topics != null) {
            topics.remove(topic);
        }
    }

    private static <T> boolean addWithinLimit(Set<T> names, T name) {
        return names.contains(name) || (names.size() < MAX_NAMES && names.add(name));
    }
}
