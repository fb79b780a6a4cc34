package dev.wingman.sync;

import dev.wingman.crdt.LwwRecord;
import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Value;
import dev.wingman.query.Matches;
import dev.wingman.query.Row;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The live queries as one stripe sees them: which of its partitions each has scanned, and what of
 * its changes each must hear.
 *
 * <p>Confined to its stripe.
 */
final class QueryWatches {
    /** One query here. */
    private static final class Watch {
        final LiveQuery query;
        int generation;

        /** Changes of other partitions need not be sent: their scan will come across them. */
        final BitSet scanned = new BitSet();

        /**
         * The scan of these partitions came across changes that the stripe has not applied yet.
         * Those up to this sequence need not be sent either: the query would go back before it.
         */
        final Map<Integer, Long> ahead = new HashMap<>(0);

        Watch(LiveQuery query) {
            this.query = query;
        }

        void begin(int scanGeneration) {
            generation = scanGeneration;
            scanned.clear();
            ahead.clear();
        }

        boolean mustHear(CommitPipeline.Applied change) {
            int partition = change.key().partition();
            return scanned.get(partition)
                    && (ahead.isEmpty()
                            || change.stored().sequence() > ahead.getOrDefault(partition, 0L));
        }
    }

    private final Stripe stripe;
    private final Map<MapName, List<Watch>> byMap = new HashMap<>();

    /** Watches in {@link #byMap}; written by the stripe only. */
    private final AtomicInteger size = new AtomicInteger();

    /** Queries whose home is this stripe, in the order they came. */
    private final Set<LiveQuery> homes = new LinkedHashSet<>();

    QueryWatches(Stripe stripe) {
        this.stripe = stripe;
    }

    void addHome(LiveQuery query) {
        homes.add(query);
    }

    void removeHome(LiveQuery query) {
        homes.remove(query);
    }

    void expireRows() {
        long now = stripe.clock().wallMillis();
        for (LiveQuery query : List.copyOf(homes)) {
            query.expire(now);
        }
    }

    /** Sends every matching row to the query and from then on every change. */
    void scan(LiveQuery query, int generation) {
        Watch watch = watchOf(query);
        watch.begin(generation);
        stripe.walk(
                query.subject().map(),
                new Stripe.PartitionVisitor() {
                    @Override
                    public long visit(int partition) {
                        return scan(watch, generation, partition);
                    }

                    @Override
                    public long skip(int partition) {
                        watch.scanned.set(partition);
                        return 0;
                    }

                    @Override
                    public void pause(Runnable next) {
                        atHome(query, next); // behind the rows that wait there
                    }
                },
                failure -> atHome(query, () -> end(query, generation, failure)));
    }

    private static void end(LiveQuery query, int generation, @Nullable RuntimeException failure) {
        if (failure != null) {
            query.failed(failure);
        } else {
            query.scanned(generation);
        }
    }

    private long scan(Watch watch, int generation, int partition) {
        if (watch.generation != generation) {
            return 0;
        }
        long[] read = {0};
        long[] latest = {0};
        long now = stripe.clock().wallMillis();
        var matches = new Matches(watch.query.subject().query());
        stripe.store()
                .scan(
                        watch.query.subject().map(),
                        partition,
                        (key, stored) -> {
                            read[0] += Stripe.bytesOf(stored);
                            latest[0] = Math.max(latest[0], stored.sequence());
                            Row row = match(watch.query, new Candidate(key, stored.record(), now));
                            if (row != null) {
                                matches.add(row);
                            }
                            return true;
                        });
        watch.scanned.set(partition);
        if (latest[0] > stripe.appliedSequence(partition)) {
            watch.ahead.put(partition, latest[0]);
        }
        List<LiveQuery.Verdict> rows = new ArrayList<>();
        matches.rows().forEach(row -> rows.add(new LiveQuery.Verdict(row.key(), row)));
        send(watch, rows);
        return read[0];
    }

    void remove(LiveQuery query) {
        byMap.computeIfPresent(
                query.subject().map(),
                (_, watches) -> {
                    for (Watch watch : watches) {
                        if (watch.query == query) {
                            watch.generation = -1; // ends a scan under way
                        }
                    }
                    int before = watches.size();
                    watches.removeIf(watch -> watch.query == query);
                    size.addAndGet(watches.size() - before);
                    return watches.isEmpty() ? null : watches;
                });
    }

    /** Queries that are kept up to date here. Thread-safe. */
    int size() {
        return size.get();
    }

    /** Sends changes to the queries they concern. */
    @SuppressWarnings("IllegalCatch") // a query that cannot be evaluated ends; the others go on
    void applied(List<CommitPipeline.Applied> changes) {
        if (byMap.isEmpty()) {
            return;
        }
        // A Watch is equal only to itself; the order keeps a simulated run the same each time.
        Map<Watch, List<LiveQuery.Verdict>> news = new LinkedHashMap<>();
        long now = stripe.clock().wallMillis();
        for (CommitPipeline.Applied change : changes) {
            var candidate = new Candidate(change.key(), change.record(), now);
            for (Watch watch : byMap.getOrDefault(change.map(), List.of())) {
                if (!watch.mustHear(change)) {
                    continue;
                }
                try {
                    Row row = match(watch.query, candidate);
                    news.computeIfAbsent(watch, _ -> new ArrayList<>())
                            .add(new LiveQuery.Verdict(change.key(), row));
                } catch (RuntimeException e) {
                    atHome(watch.query, () -> watch.query.failed(e));
                }
            }
        }
        news.forEach(this::send);
    }

    /** A record that may match; decoded once for all queries that look at it. */
    private static final class Candidate {
        final Key key;
        final LwwRecord<Value> record;
        final @Nullable Value value;
        private @Nullable Datum datum;

        Candidate(Key key, LwwRecord<Value> record, long nowMillis) {
            this.key = key;
            this.record = record;
            this.value = record.isLive(nowMillis) ? record.value() : null;
        }

        Datum datum() {
            Datum decoded = datum;
            if (decoded == null) {
                decoded = Datum.of(Objects.requireNonNull(value));
                datum = decoded;
            }
            return decoded;
        }

        /** Since the Unix epoch; the largest number when it never expires. */
        long expiresAtMillis() {
            long end = record.timestamp().millis() + record.ttlMillis();
            return record.ttlMillis() == 0 || end < 0 ? Long.MAX_VALUE : end;
        }
    }

    private static @Nullable Row match(LiveQuery query, Candidate candidate) {
        Value value = candidate.value;
        if (value == null) {
            return null;
        }
        return query.subject()
                .query()
                .rowOf(candidate.key, value, candidate::datum, candidate.expiresAtMillis());
    }

    private void send(Watch watch, List<LiveQuery.Verdict> changes) {
        if (!changes.isEmpty()) {
            int generation = watch.generation;
            atHome(watch.query, () -> watch.query.changed(generation, changes));
        }
    }

    /** At once when this is the home, so that what is sent first arrives first. */
    private void atHome(LiveQuery query, Runnable task) {
        if (query.home() == stripe) {
            task.run();
        } else {
            query.home().executor().execute(task);
        }
    }

    private Watch watchOf(LiveQuery query) {
        List<Watch> watches = byMap.computeIfAbsent(query.subject().map(), _ -> new ArrayList<>());
        for (Watch watch : watches) {
            if (watch.query == query) {
                return watch;
            }
        }
        var watch = new Watch(query);
        watches.add(watch);
        size.incrementAndGet();
        return watch;
    }
}
