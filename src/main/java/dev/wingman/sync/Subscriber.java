package dev.wingman.sync;

import dev.wingman.protocol.EntryKey;
import dev.wingman.security.Principal;
import org.jspecify.annotations.Nullable;

/** Whoever is told of changes: a client here, later also another node. Thread-safe. */
public interface Subscriber {
    /** An encoded SERVER_EVENT; a newer one of the same key makes it obsolete. */
    void mapChanged(EntryKey key, byte[] frame);

    /** An encoded TOPIC_MESSAGE. */
    void topicPublished(byte[] frame);

    /** An encoded TOPIC_MESSAGE of the server itself: losing it costs the connection. */
    void told(byte[] frame);

    /** What may be done with maps is no longer what it was. */
    void accessChanged();

    /** Null while nobody is known. */
    @Nullable Principal principal();
}
