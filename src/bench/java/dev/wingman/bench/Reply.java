package dev.wingman.bench;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.core.buffer.ArrayBufferInput;

/**
 * What a message of the server says, as far as the load looks at it. One object for all messages,
 * one after the other. Confined to one thread.
 */
final class Reply {
    private final ArrayBufferInput input = new ArrayBufferInput(new byte[0]);
    private final MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(input);

    private String type = "";
    private @Nullable String lastId;
    private @Nullable String achievedLevel;
    private @Nullable String key;
    private @Nullable String data;

    Reply read(byte[] bytes, int offset, int length) throws IOException {
        lastId = null;
        achievedLevel = null;
        key = null;
        data = null;
        input.reset(bytes, offset, length);
        var _ = unpacker.reset(input);
        readMap();
        return this;
    }

    /** The fields have one meaning each, on whatever level they stand. */
    private void readMap() throws IOException {
        for (int left = unpacker.unpackMapHeader(); left > 0; left--) {
            switch (unpacker.unpackString()) {
                case "type" -> type = unpacker.unpackString();
                case "payload", "record", "ack" -> readMap();
                case "lastId" -> lastId = unpacker.unpackString();
                case "achievedLevel" -> achievedLevel = unpacker.unpackString();
                case "key" -> key = unpacker.unpackString();
                case "data", "value" -> data = unpacker.unpackString();
                default -> unpacker.skipValue();
            }
        }
    }

    String type() {
        return type;
    }

    /** As {@link #type}, of a message that must be of this type. */
    Reply expect(String expected) {
        if (!type.equals(expected)) {
            throw new IllegalStateException("expected " + expected + ", got " + type);
        }
        return this;
    }

    @Nullable String lastId() {
        return lastId;
    }

    @Nullable String achievedLevel() {
        return achievedLevel;
    }

    @Nullable String key() {
        return key;
    }

    /** A topic's data, or the value of a map's entry. */
    @Nullable String data() {
        return data;
    }
}
