package dev.wingman.sync;

import dev.wingman.connection.EventKey;

/** Whoever is told of changes: a client here, later also another node. Thread-safe. */
public interface Subscriber {
    /** An encoded SERVER_EVENT; a newer one of the same key makes it obsolete. */
    void mapChanged(EventKey key, byte[] frame);

    /** An encoded TOPIC_MESSAGE. */
    void topicPublished(byte[] frame);
}
