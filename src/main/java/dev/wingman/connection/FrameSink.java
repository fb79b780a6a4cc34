package dev.wingman.connection;

import dev.wingman.protocol.CloseCode;
import org.jspecify.annotations.Nullable;

/** One socket during a call of {@link ConnectionHandle#drain}. */
public interface FrameSink {
    /**
     * Whether another frame may be written now. Who answers no calls {@link ConnectionHandle#drain}
     * again when it becomes yes.
     */
    boolean isWritable();

    /** Hands over one frame; flushing can wait until {@link ConnectionHandle#drain} returns. */
    void write(byte[] frame);

    /** Hands over the close frame, the last of all. May be called while not writable. */
    void close(CloseCode code, @Nullable String reason);
}
