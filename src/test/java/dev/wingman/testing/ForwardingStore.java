package dev.wingman.testing;

import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.storage.CommitBatch;
import dev.wingman.storage.RecordStore;
import dev.wingman.storage.StoreHealth;
import dev.wingman.storage.StoredRecord;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Hands everything on to another store; tests override what they watch or spoil. */
public abstract class ForwardingStore implements RecordStore {
    private final RecordStore target;

    protected ForwardingStore(RecordStore target) {
        this.target = target;
    }

    /** Asked before everything that reads records or commits. */
    protected RecordStore records() {
        return target;
    }

    @Override
    public CompletionStage<Void> commit(CommitBatch batch) {
        return records().commit(batch);
    }

    @Override
    public @Nullable StoredRecord read(MapName map, Key key) {
        return records().read(map, key);
    }

    @Override
    public void scan(MapName map, int partition, RecordVisitor visitor) {
        records().scan(map, partition, visitor);
    }

    @Override
    public void scanLeaf(
            MapName map, int partition, int leaf, @Nullable Key after, RecordVisitor visitor) {
        records().scanLeaf(map, partition, leaf, after, visitor);
    }

    @Override
    public boolean scanLogBack(int partition, Stamp since, LogVisitor visitor) {
        return records().scanLogBack(partition, since, visitor);
    }

    @Override
    public long epoch() {
        return target.epoch();
    }

    @Override
    public byte @Nullable [] readMeta(String key) {
        return target.readMeta(key);
    }

    @Override
    public StoreHealth health() {
        return target.health();
    }

    @Override
    public void close() {
        target.close();
    }
}
