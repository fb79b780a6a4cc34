package dev.wingman.rest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.mission.Broadcasts;
import dev.wingman.mission.EventBroadcast;
import dev.wingman.rest.EventStream.Item;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventStreamTest {
    private static final UUID OWNER = new UUID(0, 1);
    private static final UUID STRANGER = new UUID(0, 2);

    private final EventBroadcast broadcast = new EventBroadcast();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final Reader reader = new Reader();
    private volatile boolean entitled = true;

    /** Runs between the next question and its answer. */
    private final AtomicReference<Runnable> whileAsked = new AtomicReference<>(() -> {});

    private final CountDownLatch cut = new CountDownLatch(1);

    /** Takes what it asks for, and nothing else. */
    private static final class Reader implements Flow.Subscriber<Item> {
        private final List<Item> items = new ArrayList<>();
        private Flow.@Nullable Subscription subscription;
        private boolean isComplete;

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
        }

        void request(long items) {
            Objects.requireNonNull(subscription).request(items);
        }

        @Override
        public synchronized void onNext(Item item) {
            items.add(item);
        }

        @Override
        public void onError(Throwable failure) {
            throw new AssertionError(failure);
        }

        @Override
        public synchronized void onComplete() {
            isComplete = true;
        }

        synchronized boolean isComplete() {
            return isComplete;
        }

        /** What it got so far, in words. */
        synchronized List<String> told() {
            return items.stream()
                    .map(item ->
                            switch (item) {
                                case Item.Change(var event) -> "event " + event.id();
                                case Item.Reset(long position) -> "reset " + position;
                                case Item.Alive _ -> "alive";
                            })
                    .toList();
        }
    }

    @BeforeEach
    void listen() {
        listen(Duration.ofHours(1));
    }

    private void listen(Duration patience) {
        new EventStream(
                        broadcast,
                        timer,
                        new EventStream.Listener(
                                0,
                                event -> event.ownerId().equals(OWNER),
                                () -> {
                                    boolean answer = entitled;
                                    whileAsked.getAndSet(() -> {}).run();
                                    return answer;
                                }),
                        new EventStream.Patience(patience, cut::countDown))
                .subscribe(reader);
    }

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    /** News comes on the timer's thread. */
    private void settle() throws Exception {
        timer.submit(() -> {}).get(10, TimeUnit.SECONDS);
    }

    @Test
    void anEndThatComesWhileItIsLookedForIsNotLost() throws Exception {
        reader.request(Long.MAX_VALUE);
        settle();
        whileAsked.set(() -> {
            entitled = false;
            broadcast.ring();
            CompletableFuture.runAsync(() -> {}, timer).join();
        });
        reader.request(1);

        assertThat(reader.isComplete()).isTrue();
    }

    @Test
    void nothingComesUnasked() throws Exception {
        Broadcasts.publish(broadcast, OWNER, 1, 3);
        settle();
        assertThat(reader.told()).isEmpty();

        reader.request(3);
        assertThat(reader.told()).containsExactly("alive", "event 1", "event 2");
    }

    @Test
    void oneThatStopsReadingMissesNothingAsLongAsItIsKept() throws Exception {
        reader.request(2);
        Broadcasts.publish(broadcast, OWNER, 1, EventBroadcast.CAPACITY);
        settle();
        reader.request(EventBroadcast.CAPACITY - 1);

        assertThat(reader.told())
                .hasSize(EventBroadcast.CAPACITY + 1)
                .endsWith("event " + EventBroadcast.CAPACITY);
    }

    @Test
    void oneThatStopsReadingForTooLongGetsOneResetAndGoesOn() throws Exception {
        reader.request(1);
        Broadcasts.publish(broadcast, OWNER, 1, 5 * EventBroadcast.CAPACITY);
        settle();

        reader.request(Long.MAX_VALUE);
        Broadcasts.publish(broadcast, OWNER, 5001, 5002);
        settle();

        assertThat(reader.told())
                .containsExactly("alive", "reset 5000", "event 5001", "event 5002");
    }

    @Test
    void whatIsNotForTheListenerIsPassedOver() throws Exception {
        reader.request(Long.MAX_VALUE);
        Broadcasts.publish(broadcast, STRANGER, 1, 100);
        Broadcasts.publish(broadcast, OWNER, 101, 101);
        settle();

        assertThat(reader.told()).containsExactly("alive", "event 101");
    }

    @Test
    void oneThatTakesNothingIsCutAndForgotten() throws Exception {
        Objects.requireNonNull(reader.subscription).cancel();
        listen(Duration.ofMillis(10));
        reader.request(1);

        assertThat(cut.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(broadcast.listeners()).isZero();
    }

    @Test
    void oneForWhomThereIsNothingIsNotCut() throws Exception {
        Objects.requireNonNull(reader.subscription).cancel();
        listen(Duration.ZERO);
        reader.request(2);
        settle();

        assertThat(reader.told()).containsExactly("alive");
        assertThat(cut.getCount()).isOne();
        assertThat(broadcast.listeners()).isOne();
    }

    @Test
    void oneThatIsNoLongerEntitledHearsTheEndAtOnceAndNothingElse() throws Exception {
        reader.request(2);
        Broadcasts.publish(broadcast, OWNER, 1, 3);
        settle();
        boolean before = reader.isComplete();

        entitled = false;
        broadcast.ring();
        settle();
        reader.request(Long.MAX_VALUE);

        assertThat(before).isFalse();
        assertThat(reader.told()).containsExactly("alive", "event 1");
        assertThat(reader.isComplete()).isTrue();
        assertThat(broadcast.listeners()).isZero();
    }

    @Test
    void oneThatHasLeftIsForgotten() throws Exception {
        reader.request(Long.MAX_VALUE);
        Objects.requireNonNull(reader.subscription).cancel();
        Broadcasts.publish(broadcast, OWNER, 1, 1);
        settle();

        assertThat(reader.told()).containsExactly("alive");
        assertThat(broadcast.listeners()).isZero();
    }
}
