package dev.wingman.sync;

import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Op;
import dev.wingman.protocol.ServerMessage;
import dev.wingman.protocol.ServerMessage.AckLevel;
import dev.wingman.protocol.ServerMessage.Failure;
import dev.wingman.protocol.ServerMessage.OpAck;
import dev.wingman.protocol.ServerMessage.OpResult;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The OP_ACKs of one connection, in the order of its batches.
 *
 * <p>The client takes an OP_ACK for everything up to its {@code lastId}, by number. So none is sent
 * while an op with a smaller number is missing: neither one that is still under way nor one that
 * failed and was not sent again since.
 *
 * <p>Confined to the session.
 */
final class OpAcknowledgements {
    /** Acknowledges nothing: real ids are positive. Sent where the client named no op. */
    private static final String NO_ID = "0";

    private final Consumer<ServerMessage> replies;
    private final Deque<Pending> pending = new ArrayDeque<>(0);

    /** Numbers of ops whose failure the client was told and that it has not sent again. */
    private final Set<Long> failed = new TreeSet<>();

    OpAcknowledgements(Consumer<ServerMessage> replies) {
        this.replies = replies;
    }

    /** One batch on its way. */
    static final class Pending {
        private final List<Op> ops;
        private final List<Op> valid;
        private final List<OpResult> refused = new ArrayList<>(0);
        private @Nullable AckLevel level;
        private @Nullable Failure failure;

        private Pending(List<Op> ops) {
            this.ops = ops;
            this.valid = new ArrayList<>(ops.size());
            for (Op op : ops) {
                if (op instanceof Op.Invalid(var id, _, var reason)) {
                    refused.add(new OpResult(id == null ? "" : id, false, AckLevel.MEMORY, reason));
                } else {
                    valid.add(op);
                }
            }
        }

        /** The ops to carry out. */
        List<Op> valid() {
            return valid;
        }

        Collection<MapName> maps() {
            Set<MapName> maps = new HashSet<>();
            for (Op op : valid) {
                switch (op) {
                    case Op.Write write -> maps.add(write.map());
                    case Op.Remove remove -> maps.add(remove.map());
                    case Op.Invalid _ -> throw new IllegalStateException("not among the valid");
                }
            }
            return maps;
        }

        void written(AckLevel reached) {
            level = reached;
        }

        void failed(ErrorCode code, String reason) {
            failure = new Failure(code, reason);
        }
    }

    Pending add(List<Op> ops) {
        var batch = new Pending(ops);
        pending.add(batch);
        return batch;
    }

    /** Answers every batch that is done and has none before it that is not. */
    void sendReady() {
        Pending first = pending.peek();
        while (first != null && (first.level != null || first.failure != null)) {
            pending.remove();
            replies.accept(answer(first));
            first = pending.peek();
        }
    }

    private ServerMessage answer(Pending batch) {
        AckLevel level = batch.level;
        if (batch.failure != null || level == null) {
            remember(batch);
            return batch.failure != null
                    ? batch.failure
                    : new Failure(ErrorCode.INTERNAL, "the batch was not written");
        }
        forget(batch);
        String lastId = lastId(batch);
        Long last = number(lastId);
        if (last != null && failed.stream().anyMatch(id -> id < last)) {
            return new Failure(
                    ErrorCode.UNAVAILABLE,
                    "operations before " + lastId + " failed: send them again first");
        }
        return new OpAck(lastId, level, batch.refused);
    }

    private void remember(Pending batch) {
        for (Op op : batch.ops) {
            Long id = number(op.id());
            if (id != null) {
                failed.add(id);
            }
        }
    }

    private void forget(Pending batch) {
        if (failed.isEmpty()) {
            return;
        }
        for (Op op : batch.ops) {
            Long id = number(op.id());
            if (id != null) {
                failed.remove(id);
            }
        }
    }

    private static String lastId(Pending batch) {
        for (int i = batch.ops.size() - 1; i >= 0; i--) {
            String id = batch.ops.get(i).id();
            if (id != null && !id.isEmpty()) {
                return id;
            }
        }
        return NO_ID;
    }

    private static @Nullable Long number(@Nullable String id) {
        if (id == null || id.isEmpty() || id.length() > 18) {
            return null;
        }
        for (int i = 0; i < id.length(); i++) {
            if (id.charAt(i) < '0' || id.charAt(i) > '9') {
                return null;
            }
        }
        return Long.parseLong(id);
    }
}
