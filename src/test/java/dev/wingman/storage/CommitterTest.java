package dev.wingman.storage;

import static dev.wingman.storage.RecordStoreContract.await;
import static dev.wingman.storage.RecordStoreContract.failureOf;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.storage.StoreException.Problem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How batches wait, share a write, and fare after a failure. */
@Timeout(30)
class CommitterTest {
    private static final MapName MAP = new MapName("m");
    private static final long MIN_FREE_BYTES = 1_000;

    @TempDir Path temporary;

    private final RecordModel model = new RecordModel();
    private final AtomicLong nanos = new AtomicLong();
    private volatile Runnable whenLookingAtDisk = () -> {};
    private final AtomicLong freeBytes = new AtomicLong(Long.MAX_VALUE);
    private @Nullable RocksRecordStore opened;

    @BeforeEach
    void open() {
        open(Durability.COMMIT);
    }

    private void open(Durability durability) {
        StoreOptions options =
                StoreOptions.at(temporary.resolve("records"))
                        .withDurability(durability)
                        .withMinFreeBytes(MIN_FREE_BYTES);
        opened = RocksRecordStore.open(options, Thread::new, nanos::get, this::freeBytes).store();
    }

    @AfterEach
    void close() {
        store().close();
    }

    private RocksRecordStore store() {
        return requireNonNull(opened);
    }

    @Test
    void batchesThatQueueWhileOneIsWrittenShareTheNextWrite() throws Exception {
        CountDownLatch release = holdCommitter();
        long before = store().stats().commits();
        List<CompletionStage<Void>> stages = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            stages.add(commit("text"));
        }

        release.countDown();
        stages.forEach(RecordStoreContract::await);

        assertThat(store().stats().commits() - before).isEqualTo(2);
    }

    @Test
    void aCallerWaitsWhileTooMuchIsQueued() throws Exception {
        CountDownLatch release = holdCommitter();
        String mebibyte = "x".repeat(1 << 20);
        int batches = 2 * (int) (Committer.MAX_QUEUED_BYTES >> 20);
        var queued = new AtomicInteger();
        List<CompletionStage<Void>> stages = new ArrayList<>();
        var caller =
                new Thread(() -> {
                    for (int i = 0; i < batches; i++) {
                        stages.add(commit(mebibyte));
                        queued.incrementAndGet();
                    }
                });
        caller.start();
        while (caller.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        int queuedWhenFull = queued.get();

        release.countDown();
        caller.join();
        stages.forEach(RecordStoreContract::await);

        assertThat(queuedWhenFull).isBetween(batches / 2 - 1, batches / 2 + 1);
        assertThat(stages).hasSize(batches);
        assertThat(store().stats().queuedBytes()).isZero();
    }

    @Test
    void aBatchThatQueuedBehindAFailedOneFailsToo() throws Exception {
        CountDownLatch release = holdCommitter();
        CompletionStage<Void> behind = commit("behind it");
        freeBytes.set(0);

        release.countDown();

        StoreException failure = failureOf(() -> await(behind));
        assertThat(failure.problem()).isEqualTo(Problem.STALE_EPOCH);
        assertThat(failure.getCause())
                .isInstanceOfSatisfying(
                        StoreException.class,
                        first -> assertThat(first.problem()).isEqualTo(Problem.DISK_FULL));
        assertThat(store().epoch()).isEqualTo(1);
    }

    @Test
    void afterAFailureTheDiskIsTriedAgainOnceASecond() {
        freeBytes.set(MIN_FREE_BYTES - 1);
        failureOf(() -> await(commit("refused")));
        freeBytes.set(MIN_FREE_BYTES);

        nanos.addAndGet(Duration.ofSeconds(1).toNanos() - 1);
        StoreException early = failureOf(() -> await(commit("too early")));
        nanos.addAndGet(1);
        await(commit("in time"));

        assertThat(early.problem()).isEqualTo(Problem.DISK_FULL);
        assertThat(store().health()).isEqualTo(new StoreHealth.Writable());
    }

    @Test
    void batchedWritesShareOneSyncAnInterval() {
        store().close();
        open(Durability.BATCHED);
        long before = store().stats().walSyncs();
        await(commit("a"));
        await(commit("b"));
        long withinInterval = store().stats().walSyncs() - before;

        nanos.addAndGet(Duration.ofMillis(100).toNanos());
        await(commit("c"));
        await(commit("d"));

        assertThat(withinInterval).isZero();
        assertThat(store().stats().walSyncs() - before).isEqualTo(1);
    }

    @Test
    void aClosedStoreHasWrittenWhatWasQueued() throws Exception {
        CountDownLatch release = holdCommitter();
        CompletionStage<Void> queued = commit("text");
        var closer = new Thread(() -> store().close());
        closer.start();

        release.countDown();
        closer.join();

        assertThat(queued.toCompletableFuture()).isCompleted();
    }

    /** Stops the committer where it looks at the disk, until the latch is released. */
    private CountDownLatch holdCommitter() throws InterruptedException {
        var held = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        whenLookingAtDisk =
                () -> {
                    held.countDown();
                    awaitUninterrupted(release);
                };
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        var first = commit("first");
        held.await();
        assertThat(first.toCompletableFuture()).isNotDone();
        return release;
    }

    private long freeBytes() {
        whenLookingAtDisk.run();
        return freeBytes.get();
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private CompletionStage<Void> commit(String text) {
        return store().commit(
                        new CommitBatch(
                                store().epoch(),
                                List.of(model.write(MAP, new Key("k"), text)),
                                List.of(),
                                List.of()));
    }
}
