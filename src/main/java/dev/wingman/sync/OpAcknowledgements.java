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
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
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
    /**
     * Failed ops of one connection that are remembered: more than a client may send at once. Who
     * has more must connect anew, and then sends all of them in one batch.
     */
    static final int MAX_FAILED = 50_000;

    /** Acknowledges nothing: real ids are positive. Sent where the client named no op. */
    private static final String NO_ID = "0";

    private static final long NO_NUMBER = -1;

    /** Digits that always fit a {@code long}, and more than a client can count exactly. */
    private static final int MAX_DIGITS = 18;

    private final OperationCounters counters;
    private final Consumer<ServerMessage> replies;
    private final Runnable tooManyFailed;
    private final Deque<Pending> pending = new ArrayDeque<>(0);

    /** Numbers of ops whose failure the client was told and that it has not sent again. */
    private final NavigableSet<Long> failed = new TreeSet<>();

    /** The client has done with the numbers up to this one and does not send them again. */
    private long acknowledged = NO_NUMBER;

    /**
     * @param tooManyFailed has the client connect anew
     */
    OpAcknowledgements(
            OperationCounters counters, Consumer<ServerMessage> replies, Runnable tooManyFailed) {
        this.counters = counters;
        this.replies = replies;
        this.tooManyFailed = tooManyFailed;
    }

    /** One batch on its way. */
    static final class Pending {
        private final List<Op> ops;
        private final List<Op> valid;
        private final List<OpResult> refused = new ArrayList<>(0);
        private final String lastId;
        private final long last;
        private final long lowest;
        private final long begunNanos;
        private @Nullable AckLevel level;
        private @Nullable Failure failure;

        private Pending(List<Op> ops, long begunNanos) {
            this.ops = ops;
            this.begunNanos = begunNanos;
            this.valid = new ArrayList<>(ops.size());
            String latest = NO_ID;
            long least = Long.MAX_VALUE;
            for (Op op : ops) {
                String id = op.id();
                if (op instanceof Op.Invalid(_, _, var reason)) {
                    refused.add(new OpResult(id == null ? "" : id, false, AckLevel.MEMORY, reason));
                } else {
                    valid.add(op);
                }
                if (id != null && !id.isEmpty()) {
                    latest = id;
                    long number = number(id);
                    least = number == NO_NUMBER ? least : Math.min(least, number);
                }
            }
            this.lastId = latest;
            this.last = number(latest);
            this.lowest = least;
        }

        /** The ops to carry out. */
        List<Op> valid() {
            return valid;
        }

        /** Names the maps of the ops, those of several in a row once. */
        void forEachMap(Consumer<MapName> visitor) {
            MapName previous = null;
            for (Op op : valid) {
                MapName map = mapOf(op);
                if (!map.equals(previous)) {
                    visitor.accept(map);
                    previous = map;
                }
            }
        }

        private static MapName mapOf(Op op) {
            return switch (op) {
                case Op.Write write -> write.map();
                case Op.Remove remove -> remove.map();
                case Op.Invalid _ -> throw new IllegalStateException("not among the valid");
            };
        }

        private boolean isDone() {
            return level != null || failure != null;
        }

        /**
         * Whether {@code later} has an op that an acknowledgement of this batch would be the first
         * to cover.
         */
        private boolean covers(Pending later, long acknowledged) {
            if (later.lowest >= last) {
                return false;
            }
            Set<Long> own = new HashSet<>();
            ops.forEach(op -> own.add(number(op.id())));
            return later.ops.stream()
                    .mapToLong(op -> number(op.id()))
                    .anyMatch(number ->
                            number > acknowledged && number < last && !own.contains(number));
        }
    }

    Pending add(List<Op> ops) {
        var batch = new Pending(ops, counters.nanoTime());
        counters.refused(batch.refused.size());
        pending.add(batch);
        return batch;
    }

    /** The batch is as durable as {@code reached} says. */
    void written(Pending batch, AckLevel reached) {
        batch.level = reached;
        counters.acknowledged(batch.valid.size(), batch.begunNanos);
        sendReady();
    }

    /** Some or all of the batch's ops are not durable. */
    void failed(Pending batch, ErrorCode code, String reason) {
        batch.failure = new Failure(code, reason);
        counters.failed(batch.valid.size());
        remember(batch.ops);
        sendReady();
    }

    /** The ops were refused on arrival and the client was told. */
    void refused(List<Op> ops) {
        counters.limited(ops.size());
        remember(ops);
    }

    /** As {@link #refused}, because of whose they are. */
    void denied(List<Op> ops) {
        counters.denied(ops.size());
        remember(ops);
    }

    private void remember(List<Op> ops) {
        for (Op op : ops) {
            long number = number(op.id());
            if (number > acknowledged) { // else it is on the disk and was only sent once more
                failed.add(number);
            }
        }
        if (failed.size() > MAX_FAILED) {
            tooManyFailed.run();
        }
    }

    /** Answers every batch that is done and has nothing to wait for. */
    private void sendReady() {
        Pending first = pending.peek();
        while (first != null && first.isDone() && !waitsForLater(first)) {
            pending.remove();
            replies.accept(answer(first));
            first = pending.peek();
        }
    }

    /** Clients number upwards; of one that does not, a later batch may have a smaller number. */
    private boolean waitsForLater(Pending batch) {
        for (Pending later : pending) {
            if (!later.isDone() && batch.covers(later, acknowledged)) {
                return true;
            }
        }
        return false;
    }

    private ServerMessage answer(Pending batch) {
        AckLevel level = batch.level;
        if (level == null) {
            return batch.failure != null
                    ? batch.failure
                    : new Failure(ErrorCode.INTERNAL, "the batch was not written");
        }
        if (!failed.isEmpty()) {
            batch.ops.forEach(op -> failed.remove(number(op.id())));
        }
        if (!failed.isEmpty() && failed.first() < batch.last) {
            return new Failure(
                    ErrorCode.UNAVAILABLE,
                    "operations before " + batch.lastId + " failed: send them again first");
        }
        acknowledged = Math.max(acknowledged, batch.last);
        return new OpAck(batch.lastId, level, batch.refused);
    }

    private static long number(@Nullable String id) {
        if (id == null || id.isEmpty() || id.length() > MAX_DIGITS) {
            return NO_NUMBER;
        }
        for (int i = 0; i < id.length(); i++) {
            if (id.charAt(i) < '0' || id.charAt(i) > '9') {
                return NO_NUMBER;
            }
        }
        return Long.parseLong(id);
    }
}
