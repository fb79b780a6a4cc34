package dev.wingman.connection;

import dev.wingman.protocol.CloseCode;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What can be written to a connection. */
public sealed interface OutboundMessage {
    /**
     * One encoded message.
     *
     * @param frame shared by all who get it: never written again
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Binary(byte[] frame) implements OutboundMessage {
        @Override
        public String toString() {
            return "Binary[" + frame.length + " bytes]";
        }
    }

    /** The last message of a connection. */
    record Close(CloseCode code, @Nullable String reason) implements OutboundMessage {
        /** What a control frame has room for beside the code (RFC 6455, section 5.5). */
        public static final int MAX_REASON_BYTES = 123;

        public Close {
            if (reason != null
                    && reason.getBytes(StandardCharsets.UTF_8).length > MAX_REASON_BYTES) {
                throw new IllegalArgumentException(
                        "a close reason has at most " + MAX_REASON_BYTES + " bytes: " + reason);
            }
        }
    }
}
