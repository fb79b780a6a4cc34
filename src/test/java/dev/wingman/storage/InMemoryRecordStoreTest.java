package dev.wingman.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.crdt.LeafSums;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.storage.StoreException.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class InMemoryRecordStoreTest extends RecordStoreContract {
    private static final MapName MAP = new MapName("m");

    private InMemoryRecordStore store = new InMemoryRecordStore(Runnable::run, LOG_ENTRIES);

    @Test
    void aCrashKeepsWhatWasDurableAndNothingElse() {
        List<Runnable> tasks = new ArrayList<>();
        var queued = new InMemoryRecordStore(tasks::add, LOG_ENTRIES);
        var model = new RecordModel();
        CompletableFuture<Void> durable = commit(queued, model, "a");
        tasks.removeFirst().run();
        CompletableFuture<Void> lost = commit(queued, model, "b");

        InMemoryRecordStore left = queued.crash();
        tasks.removeFirst().run();

        assertThat(durable).isCompleted();
        assertThat(lost).isNotDone();
        assertThat(left.read(MAP, new Key("a"))).isNotNull();
        assertThat(left.read(MAP, new Key("b"))).isNull();
    }

    @Test
    void batchesBecomeDurableInTheirOrderWhateverTaskRunsFirst() {
        List<Runnable> tasks = new ArrayList<>();
        var queued = new InMemoryRecordStore(tasks::add, LOG_ENTRIES);
        var model = new RecordModel();
        CompletableFuture<Void> first = commit(queued, model, "a");
        CompletableFuture<Void> second = commit(queued, model, "b");

        tasks.removeLast().run();

        assertThat(first).isCompleted();
        assertThat(second).isNotDone();
    }

    private static CompletableFuture<Void> commit(
            RecordStore store, RecordModel model, String key) {
        return store.commit(
                        new CommitBatch(
                                store.epoch(),
                                List.of(model.write(MAP, new Key(key), "x")),
                                List.of(),
                                List.of()))
                .toCompletableFuture();
    }

    @Override
    void open() {
        store = new InMemoryRecordStore(Runnable::run, LOG_ENTRIES);
    }

    @Override
    void reopen() {
        store = store.crash();
    }

    @Override
    RecordStore store() {
        return store;
    }

    @Override
    Recovery recovery() {
        return store.recover();
    }

    @Override
    Map<MapName, LeafSums> rebuildSums(int partition) {
        return store.rebuildSums(partition);
    }

    @Override
    void fillDisk() {
        store.refuseWrites(new StoreException(Problem.DISK_FULL, "full"));
    }

    @Override
    void freeDisk() {
        store.refuseWrites(null);
    }
}
