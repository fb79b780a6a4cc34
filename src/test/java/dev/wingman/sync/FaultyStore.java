package dev.wingman.sync;

import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.storage.CommitBatch;
import dev.wingman.storage.RecordStore;
import dev.wingman.storage.StoreHealth;
import dev.wingman.storage.StoredRecord;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A store that fails in ways that no store should. */
final class FaultyStore implements RecordStore {
    private final RecordStore store;

    /** Thrown by whatever reads records or commits; null while all is well. */
    @Nullable RuntimeException fault;

    FaultyStore(RecordStore store) {
        this.store = store;
    }

    private RecordStore sound() {
        RuntimeException present = fault;
        if (present != null) {
            throw present;
        }
        return store;
    }

    @Override
    public CompletionStage<Void> commit(CommitBatch batch) {
        return sound().commit(batch);
    }

    @Override
    public long epoch() {
        return store.epoch();
    }

    @Override
    public @Nullable StoredRecord read(MapName map, Key key) {
        return sound().read(map, key);
    }

    @Override
    public void scan(MapName map, int partition, RecordVisitor visitor) {
        sound().scan(map, partition, visitor);
    }

    @Override
    public void scanLeaf(
            MapName map, int partition, int leaf, @Nullable Key after, RecordVisitor visitor) {
        sound().scanLeaf(map, partition, leaf, after, visitor);
    }

    @Override
    public boolean scanLogBack(int partition, Stamp since, LogVisitor visitor) {
        return sound().scanLogBack(partition, since, visitor);
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
