package dev.wingman.sync.sim;

import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.storage.CommitBatch;
import dev.wingman.storage.RecordStore;
import dev.wingman.storage.StoreHealth;
import dev.wingman.storage.StoredRecord;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Tells the history what became durable, before the server hears of it. */
record ObservedStore(RecordStore store, History history) implements RecordStore {
    @Override
    public CompletionStage<Void> commit(CommitBatch batch) {
        return store.commit(batch).thenRun(() -> history.stored(batch.changes()));
    }

    @Override
    public long epoch() {
        return store.epoch();
    }

    @Override
    public @Nullable StoredRecord read(MapName map, Key key) {
        return store.read(map, key);
    }

    @Override
    public void scan(MapName map, int partition, RecordVisitor visitor) {
        store.scan(map, partition, visitor);
    }

    @Override
    public void scanLeaf(
            MapName map, int partition, int leaf, @Nullable Key after, RecordVisitor visitor) {
        store.scanLeaf(map, partition, leaf, after, visitor);
    }

    @Override
    public boolean scanLogBack(int partition, Stamp since, LogVisitor visitor) {
        return store.scanLogBack(partition, since, visitor);
    }

    @Override
    public byte @Nullable [] readMeta(String key) {
        return store.readMeta(key);
    }

    @Override
    public StoreHealth health() {
        return store.health();
    }

    @Override
    public void close() {
        store.close();
    }
}
