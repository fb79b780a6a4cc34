package dev.wingman.sync.sim;

import dev.wingman.storage.CommitBatch;
import dev.wingman.storage.RecordStore;
import dev.wingman.testing.ForwardingStore;
import java.util.concurrent.CompletionStage;

/** Tells the history what became durable, before the server hears of it. */
final class ObservedStore extends ForwardingStore {
    private final History history;

    ObservedStore(RecordStore store, History history) {
        super(store);
        this.history = history;
    }

    @Override
    public CompletionStage<Void> commit(CommitBatch batch) {
        return super.commit(batch).thenRun(() -> history.stored(batch.changes()));
    }
}
