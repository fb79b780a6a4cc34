package dev.wingman.sync;

import dev.wingman.protocol.Op;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The ops of one request, divided by stripe, in their order. */
final class OpsByStripe {
    private final @Nullable List<Op>[] parts;
    private int used;

    @SuppressWarnings({"unchecked", "rawtypes"}) // arrays of a generic type have no other form
    OpsByStripe(int stripes) {
        parts = new List[stripes];
    }

    void add(int stripe, Op op) {
        List<Op> part = parts[stripe];
        if (part == null) {
            part = new ArrayList<>();
            parts[stripe] = part;
            used++;
        }
        part.add(op);
    }

    /** Number of stripes with an op. */
    int used() {
        return used;
    }

    @Nullable List<Op> of(int stripe) {
        return parts[stripe];
    }
}
