package dev.wingman.sync;

import dev.wingman.storage.RecordStore;
import dev.wingman.testing.ForwardingStore;
import org.jspecify.annotations.Nullable;

/** A store that fails in ways that no store should. */
final class FaultyStore extends ForwardingStore {
    /** Thrown by whatever reads records or commits; null while all is well. */
    @Nullable RuntimeException fault;

    FaultyStore(RecordStore store) {
        super(store);
    }

    @Override
    protected RecordStore records() {
        RuntimeException present = fault;
        if (present != null) {
            throw present;
        }
        return super.records();
    }
}
