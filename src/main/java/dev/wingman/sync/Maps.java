package dev.wingman.sync;

import dev.wingman.cluster.OwnershipView;
import dev.wingman.crdt.LeafSums;
import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Op;
import dev.wingman.protocol.ServerMessage.AckLevel;
import dev.wingman.storage.Durability;
import dev.wingman.storage.Recovery;
import dev.wingman.storage.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All maps, over all stripes: sends each request to the stripes it concerns and joins what they
 * answer.
 *
 * <p>Thread-safe. Callbacks and futures complete on a stripe, so whoever needs another thread hops.
 */
public final class Maps {
    private final PartitionExecutor executors;
    private final Supplier<OwnershipView> ownership;
    private final Durability durability;
    private final MapNames names;
    private final List<Stripe> stripes = new ArrayList<>();

    /** Live queries are spread over the stripes in turn. */
    private final AtomicInteger nextHome = new AtomicInteger();

    Maps(
            PartitionExecutor executors,
            Supplier<OwnershipView> ownership,
            SyncServer.Parts parts,
            FanOut fanOut,
            MapNames names,
            Failures failures) {
        this.executors = executors;
        this.ownership = ownership;
        this.durability = parts.durability();
        this.names = names;
        for (int i = 0; i < executors.stripes(); i++) {
            stripes.add(new Stripe(i, executors, parts, fanOut, failures));
        }
    }

    /** Learns what became of the ops of one request; called on a stripe. */
    public interface Written {
        void written(AckLevel level);

        /** Some or all of the ops are not durable. */
        void failed(ErrorCode code, String reason);
    }

    /** Takes over what the store found. Completes when every stripe has it. */
    CompletionStage<Void> restore(Recovery recovery) {
        names.restore(recovery);
        return onEach(
                        stripe -> {
                            stripe.restore(recovery);
                            return stripe;
                        })
                .thenAccept(_ -> {});
    }

    /** Every map that was ever written to, by their names. */
    public List<MapName> names() {
        return names.sorted();
    }

    /** The ops with those refused that no map can take. */
    List<Op> admit(List<Op> ops) {
        return names.admit(ops);
    }

    /**
     * Makes ops durable, those of one partition in their order.
     *
     * @param ops none of them {@link Op.Invalid}
     * @param author is not told of its own changes; null tells everybody
     */
    public void write(List<Op> ops, @Nullable Subscriber author, Written written) {
        OwnershipView view = ownership.get();
        var byStripe = new OpsByStripe(stripes.size());
        for (Op op : ops) {
            int partition = partitionOf(op);
            if (!view.holds(partition)) {
                written.failed(
                        ErrorCode.UNAVAILABLE, "partition " + partition + " is not held here");
                return;
            }
            byStripe.add(executors.stripeOf(partition), op);
        }
        if (byStripe.used() == 0) {
            written.written(CommitPipeline.levelOf(durability));
            return;
        }
        var join = new WriteJoin(byStripe.used(), written);
        for (int i = 0; i < stripes.size(); i++) {
            List<Op> part = byStripe.of(i);
            if (part != null) {
                Stripe stripe = stripes.get(i);
                stripe.executor().execute(() -> stripe.write(part, author, join));
            }
        }
    }

    private static int partitionOf(Op op) {
        return switch (op) {
            case Op.Write write -> write.key().partition();
            case Op.Remove remove -> remove.key().partition();
            case Op.Invalid _ -> throw new IllegalArgumentException("refused before");
        };
    }

    /** The map's sums over all partitions. */
    public CompletionStage<LeafSums> sums(MapName map) {
        return onEach(stripe -> stripe.sums(map))
                .thenApply(parts -> {
                    LeafSums all = parts.getFirst();
                    for (LeafSums part : parts.subList(1, parts.size())) {
                        all.add(part);
                    }
                    return all;
                });
    }

    /**
     * Fills the part with entries of its leaf, one stripe after the other.
     *
     * @param from where the part before it ended
     */
    CompletionStage<LeafPart> leaf(LeafPart part, LeafPart.Position from) {
        return collectFrom(executors.stripeOf(from.partition()), part, from);
    }

    private CompletionStage<LeafPart> collectFrom(
            int index, LeafPart part, LeafPart.Position from) {
        return on(
                        stripes.get(index),
                        stripe -> {
                            stripe.collect(part, from);
                            return part;
                        })
                .thenCompose(_ ->
                        part.next() != null || index + 1 == stripes.size()
                                ? CompletableFuture.completedFuture(part)
                                : collectFrom(index + 1, part, LeafPart.Position.START));
    }

    /** Fills the delta, one stripe after the other so that it needs no lock. */
    CompletionStage<MapDelta> delta(MapDelta delta) {
        var done = new CompletableFuture<MapDelta>();
        collectFrom(0, delta, done);
        return done;
    }

    private void collectFrom(int index, MapDelta delta, CompletableFuture<MapDelta> done) {
        if (index == stripes.size()) {
            done.complete(delta);
            return;
        }
        Stripe stripe = stripes.get(index);
        Stripe.Finished next =
                failure -> {
                    if (failure != null) {
                        done.completeExceptionally(failure);
                    } else {
                        collectFrom(index + 1, delta, done);
                    }
                };
        stripe.executor().execute(() -> stripe.collect(delta, next));
    }

    /** A query to be started, whose rows {@code sink} will hear of until it is closed. */
    LiveQuery query(LiveQuery.Subject subject, LiveQuery.Sink sink) {
        int home = Math.floorMod(nextHome.getAndIncrement(), stripes.size());
        return new LiveQuery(subject, sink, stripes, stripes.get(home));
    }

    /** Drops rows whose time to live is over from live queries. Call about once a second. */
    public void expireRows() {
        for (Stripe stripe : stripes) {
            stripe.executor().execute(() -> stripe.watches().expireRows());
        }
    }

    /** Stores the sums that are not stored yet, which makes the next start short. */
    public CompletionStage<Void> storeSums() {
        var done = new CompletableFuture<Void>();
        var join =
                new WriteJoin(
                        stripes.size(),
                        new Written() {
                            @Override
                            public void written(AckLevel level) {
                                done.complete(null);
                            }

                            @Override
                            public void failed(ErrorCode code, String reason) {
                                done.completeExceptionally(
                                        new StoreException(StoreException.Problem.IO, reason));
                            }
                        });
        for (Stripe stripe : stripes) {
            stripe.executor().execute(() -> stripe.storeSums(join));
        }
        return done;
    }

    /** Maps that were ever written to. */
    int count() {
        return names.count();
    }

    /** Live queries that are kept up to date, each counted on every stripe. */
    int watches() {
        return stripes.stream().mapToInt(stripe -> stripe.watches().size()).sum();
    }

    private <T> CompletionStage<List<T>> onEach(Function<Stripe, T> question) {
        var parts = new ArrayList<CompletableFuture<T>>();
        for (Stripe stripe : stripes) {
            parts.add(on(stripe, question));
        }
        return CompletableFuture.allOf(parts.toArray(CompletableFuture<?>[]::new))
                .thenApply(_ -> parts.stream().map(CompletableFuture::join).toList());
    }

    private static <T> CompletableFuture<T> on(Stripe stripe, Function<Stripe, T> question) {
        return CompletableFuture.supplyAsync(() -> question.apply(stripe), stripe.executor());
    }
}
