package dev.wingman.protocol;

import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.Timestamp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.msgpack.value.ValueType;

/**
 * Reads the ops of one message (wire protocol 3.1). Every op takes exactly one value off the reader
 * whatever it looks like, so a bad one becomes an {@link Op.Invalid} and its neighbours stay whole.
 *
 * <p>An op's fields come in any order: they are gathered first and judged afterwards.
 */
final class OpReader {
    /**
     * More than fit into the largest message when each is a sound one; it bounds what a message of
     * empty ops would make of us.
     */
    static final int MAX_OPS = 65_536;

    private final WireReader in;
    private final WireLimits limits;

    /** Ops of one message mostly go to one map: its name is checked once. */
    private @Nullable MapName lastMap;

    OpReader(WireReader in, WireLimits limits) {
        this.in = in;
        this.limits = limits;
    }

    /** The ops of the next array. */
    List<Op> readAll() throws IOException {
        int size = in.arraySize(MAX_OPS);
        var ops = new ArrayList<Op>(size);
        for (int i = 0; i < size; i++) {
            ops.add(read());
        }
        return ops;
    }

    Op read() throws IOException {
        Draft draft = gather();
        String id = draft.id;
        if (id != null && WireLimits.isLongerThan(WireLimits.MAX_ID_BYTES, id)) {
            draft.id = null; // nor could it be named in the answer
            return tooLarge(draft, "an op's id has at most " + WireLimits.MAX_ID_BYTES + " bytes");
        }
        try {
            return draft.isMap ? judge(draft) : invalid(draft, "an op is a map");
        } catch (ProtocolException e) { // of a map's name
            return new Op.Invalid(draft.id, e.code(), e.getMessage());
        }
    }

    private Draft gather() throws IOException {
        var draft = new Draft();
        draft.isMap = in.nextIs(ValueType.MAP);
        for (int left = in.mapSize(); left > 0; left--) {
            switch (in.key()) {
                case "id" -> draft.id = in.idText();
                case "mapName" -> draft.map = in.text();
                case "key" -> draft.key = in.text();
                case "opType" -> draft.opType = in.text();
                case "record" -> gatherRecord(draft);
                case "orRecord", "orTag" -> draft.isOrMap |= in.present();
                default -> in.skip();
            }
        }
        return draft;
    }

    private void gatherRecord(Draft draft) throws IOException {
        draft.record = in.nextIs(ValueType.NIL) ? Draft.Part.NIL : Draft.Part.GIVEN;
        for (int left = in.mapSize(); left > 0; left--) {
            switch (in.key()) {
                case "value" -> draft.value = in.value();
                case "timestamp" -> draft.timestamp = in.timestamp();
                case "ttlMs" -> draft.ttlMillis = in.whole(0);
                default -> in.skip();
            }
        }
    }

    /** In the order of the protocol: removals first, then what belongs to OR maps, then puts. */
    private Op judge(Draft draft) {
        boolean isRemove = "REMOVE".equals(draft.opType);
        boolean isOr =
                draft.isOrMap || "OR_ADD".equals(draft.opType) || "OR_REMOVE".equals(draft.opType);
        if (isOr && !isRemove) {
            return new Op.Invalid(
                    draft.id, ErrorCode.NOT_AVAILABLE, "OR maps are not available on this server");
        }
        if (draft.opType != null && !isRemove && !"PUT".equals(draft.opType)) {
            return invalid(draft, "an op is PUT, REMOVE, OR_ADD or OR_REMOVE");
        }
        if (draft.map == null || draft.key == null) {
            return invalid(draft, "an op names its map and its key");
        }
        MapName map = mapName(draft.map);
        if (WireLimits.isLongerThan(limits.maxKeyBytes(), draft.key)) {
            return tooLarge(draft, "a key has at most " + limits.maxKeyBytes() + " bytes");
        }
        var key = new Key(draft.key);
        return switch (draft.record) {
            case MISSING ->
                    isRemove
                            ? new Op.Remove(draft.id, map, key)
                            : invalid(draft, "a PUT has a record");
            case NIL -> new Op.Remove(draft.id, map, key);
            case GIVEN -> write(draft, map, key, isRemove);
        };
    }

    private Op write(Draft draft, MapName map, Key key, boolean isRemove) {
        if (draft.timestamp == null) {
            return invalid(draft, "a record has a timestamp {millis, counter, nodeId}");
        }
        if (draft.ttlMillis < 0) {
            return invalid(draft, "ttlMs is a whole number, 0 or more");
        }
        Value value = draft.value;
        if (isRemove || value == null || value.isNil()) {
            return new Op.Write(
                    draft.id, map, key, new LwwRecord<>(null, draft.timestamp, draft.ttlMillis));
        }
        if (value.sizeBytes() > limits.maxValueBytes()) {
            return tooLarge(draft, "a value has at most " + limits.maxValueBytes() + " bytes");
        }
        return new Op.Write(
                draft.id, map, key, new LwwRecord<>(value, draft.timestamp, draft.ttlMillis));
    }

    private MapName mapName(String name) {
        if (lastMap == null || !lastMap.value().equals(name)) {
            lastMap = limits.mapName(name);
        }
        return lastMap;
    }

    private static Op invalid(Draft draft, String reason) {
        return new Op.Invalid(draft.id, ErrorCode.BAD_REQUEST, reason);
    }

    private static Op tooLarge(Draft draft, String reason) {
        return new Op.Invalid(draft.id, ErrorCode.TOO_LARGE, reason);
    }

    /** What an op says; absent or of the wrong type is null. */
    private static final class Draft {
        private enum Part {
            MISSING,
            NIL,
            GIVEN
        }

        private boolean isMap;
        private boolean isOrMap;
        private Part record = Part.MISSING;
        private long ttlMillis;
        private @Nullable String id;
        private @Nullable String map;
        private @Nullable String key;
        private @Nullable String opType;
        private @Nullable Value value;
        private @Nullable Timestamp timestamp;
    }
}
