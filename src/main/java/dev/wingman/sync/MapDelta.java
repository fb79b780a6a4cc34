package dev.wingman.sync;

import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.ServerMessage.Entry;
import dev.wingman.storage.RecordStore;
import dev.wingman.storage.StoredRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * What a map received since a stamp, by the order in which this node received it: a write that was
 * made long ago and arrived just now is part of it.
 *
 * <p>At most {@code limit} entries and {@code maxBytes} of them, though at least one: the earliest
 * received. {@link #until} then reaches only as far as they do and the next request goes on from
 * there.
 *
 * <p>Not thread-safe: one stripe at a time.
 */
final class MapDelta {
    private record Received(Entry entry, Stamp at) {}

    private final MapName map;
    private final Stamp since;
    private final int limit;
    private final long maxBytes;
    private final PriorityQueue<Received> latestFirst =
            new PriorityQueue<>(Comparator.comparing(Received::at).reversed());
    private long bytes;

    /** From here on nothing is told, because something was left out for want of room. */
    private Stamp cut = new Stamp(Long.MAX_VALUE, Long.MAX_VALUE);

    private Stamp closed = cut;

    MapDelta(MapName map, Stamp since, int limit, long maxBytes) {
        this.map = map;
        this.since = since;
        this.limit = limit;
        this.maxBytes = maxBytes;
    }

    MapName map() {
        return map;
    }

    /** Reads one partition and returns about how many bytes it looked at. */
    long collect(RecordStore store, int partition, Stamp lastReceived) {
        if (!lastReceived.isAfter(since)) {
            return 0;
        }
        long[] read = {0};
        boolean complete = !since.equals(Stamp.NONE) && collectFromLog(store, partition, read);
        if (!complete) {
            store.scan(
                    map,
                    partition,
                    (key, stored) -> {
                        read[0] += Stripe.bytesOf(stored);
                        if (stored.receivedAt().isAfter(since)) {
                            add(key, stored);
                        }
                        return true;
                    });
        }
        return read[0];
    }

    private boolean collectFromLog(RecordStore store, int partition, long[] read) {
        Set<Key> keys = new HashSet<>();
        boolean complete =
                store.scanLogBack(
                        partition,
                        since,
                        entry -> {
                            read[0] += Stripe.BYTES_PER_RECORD;
                            if (entry.map().equals(map)) {
                                keys.add(entry.key());
                            }
                            return true;
                        });
        if (complete) {
            for (Key key : keys) {
                StoredRecord stored = store.read(map, key);
                if (stored != null) {
                    read[0] += Stripe.bytesOf(stored);
                    add(key, stored);
                }
            }
        }
        return complete;
    }

    private void add(Key key, StoredRecord stored) {
        if (!cut.isAfter(stored.receivedAt())) {
            return;
        }
        var received = new Received(new Entry(key, stored.record()), stored.receivedAt());
        latestFirst.add(received);
        bytes += received.entry().sizeBytes();
        while (latestFirst.size() > limit || (bytes > maxBytes && latestFirst.size() > 1)) {
            Received latest = latestFirst.remove();
            bytes -= latest.entry().sizeBytes();
            cut = latest.at();
        }
    }

    /** Encoded size of the entries. */
    long bytes() {
        return bytes;
    }

    /** A stripe has told everything it received up to that stamp. */
    void closedAt(Stamp stamp) {
        closed = closed.min(stamp);
    }

    /** In the order received. */
    List<Entry> entries() {
        var received = new ArrayList<>(latestFirst);
        received.sort(Comparator.comparing(Received::at));
        var entries = new ArrayList<Entry>(received.size());
        for (Received each : received) {
            entries.add(each.entry());
        }
        return entries;
    }

    /**
     * From where the next request goes on: everything up to it has been told.
     *
     * <p>Never later than the latest entry, although nothing else may have come until now: an entry
     * is on the disk, so that even after a crash the clock goes on from there. Of a time without
     * changes nothing remembers how far the clock had come.
     */
    Stamp until() {
        Received latest = latestFirst.peek();
        return latest == null ? since : closed.min(latest.at());
    }
}
