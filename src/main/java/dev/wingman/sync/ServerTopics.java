package dev.wingman.sync;

import dev.wingman.protocol.TopicName;
import dev.wingman.security.Principal;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Who may follow the topics that only the server publishes to ({@link TopicName#isReserved}).
 * Thread-safe.
 */
@FunctionalInterface
public interface ServerTopics {
    /**
     * Does not block; completes on any thread.
     *
     * @param who null on an open server, which knows nobody
     */
    CompletionStage<Boolean> mayFollow(@Nullable Principal who, TopicName topic);

    /** For a server that publishes nothing. */
    static ServerTopics none() {
        return (_, _) -> CompletableFuture.completedFuture(false);
    }
}
