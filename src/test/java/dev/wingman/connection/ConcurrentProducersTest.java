package dev.wingman.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.connection.OutboundMessage.Binary;
import dev.wingman.protocol.CloseCode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real threads: a lost wake-up shows as a time-out, a lost frame as a gap. */
class ConcurrentProducersTest {
    private static final int PRODUCERS = 4;
    private static final int FRAMES_EACH = 25_000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** An event loop with one socket that takes seven frames at a time. */
    private static final class LoopSocket implements Transport, FrameSink {
        final ExecutorService loop;
        final CountDownLatch awaited;
        final List<byte[]> written = new ArrayList<>();
        final AtomicInteger pendingCalls = new AtomicInteger();
        final AtomicInteger mostPendingCalls = new AtomicInteger();
        volatile @Nullable ConnectionHandle handle;
        private int room = 7;
        private volatile int writtenCount;

        LoopSocket(ExecutorService loop, int frames) {
            this.loop = loop;
            this.awaited = new CountDownLatch(frames);
        }

        @Override
        public void wake() {
            int pending = pendingCalls.incrementAndGet();
            mostPendingCalls.accumulateAndGet(pending, Math::max);
            loop.execute(this::drain);
        }

        private void drain() {
            pendingCalls.decrementAndGet();
            var connection = handle;
            if (connection != null) {
                connection.drain(this);
            }
            if (room == 0) {
                room = 7;
                wake(); // the socket is writable again
            }
        }

        @Override
        public boolean isWritable() {
            return room > 0;
        }

        @Override
        public void write(byte[] frame) {
            room--;
            written.add(frame);
            writtenCount = written.size();
            awaited.countDown();
        }

        /** Looks closely for a moment instead of waiting, so as not to miss the race. */
        boolean hasWritten(int frames) {
            long giveUpNanos = System.nanoTime() + Duration.ofSeconds(5).toNanos();
            while (writtenCount < frames && System.nanoTime() - giveUpNanos < 0) {
                Thread.onSpinWait();
            }
            return writtenCount >= frames;
        }

        @Override
        public void close(CloseCode code, @Nullable String reason) {
            throw new AssertionError("closed: " + reason);
        }
    }

    @Test
    void noFrameIsLostAndEachProducerKeepsItsOrder() throws InterruptedException {
        try (var loop = Executors.newSingleThreadExecutor();
                var producers = Executors.newFixedThreadPool(PRODUCERS)) {
            var socket = new LoopSocket(loop, PRODUCERS * FRAMES_EACH);
            var handle = new Connections(Connections.config(16, 1_000)).open(socket);
            socket.handle = handle;

            for (int producer = 0; producer < PRODUCERS; producer++) {
                int id = producer;
                producers.execute(() -> produce(handle, id));
            }

            assertThat(socket.awaited.await(60, TimeUnit.SECONDS)).as("all written").isTrue();
            loop.submit(() -> assertInOrder(socket.written)).get(10, TimeUnit.SECONDS);
            assertThat(socket.mostPendingCalls).as("wake-ups at a time").hasValue(1);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theNewestEventOfEachEntryArrivesWhateverTheThreadsDo() throws InterruptedException {
        try (var loop = Executors.newSingleThreadExecutor();
                var producers = Executors.newFixedThreadPool(PRODUCERS)) {
            var socket = new LoopSocket(loop, Integer.MAX_VALUE);
            var handle = new Connections(Connections.config(4, 100_000)).open(socket);
            socket.handle = handle;
            var drained = new CountDownLatch(1);

            for (int producer = 0; producer < PRODUCERS; producer++) {
                int id = producer;
                producers.execute(() -> {
                    var key = SlowConsumerTest.key("k" + id);
                    for (int number = 0; number < FRAMES_EACH; number++) {
                        handle.event(key, frame(id, number));
                    }
                });
            }
            producers.shutdown();
            assertThat(producers.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
            handle.onDrained("end", drained::countDown);

            assertThat(drained.await(60, TimeUnit.SECONDS)).isTrue();
            var last = new int[PRODUCERS];
            for (byte[] frame : socket.written) {
                var buffer = ByteBuffer.wrap(frame);
                int id = buffer.getInt();
                int number = buffer.getInt();
                assertThat(number).isGreaterThanOrEqualTo(last[id]);
                last[id] = number;
            }
            assertThat(last).containsOnly(FRAMES_EACH - 1);
        }
    }

    /** The next frame comes just when the writer finds nothing more to write and goes to sleep. */
    @Test
    @Timeout(60)
    void aFrameThatComesAsTheWriterFallsAsleepWakesIt() {
        try (var loop = Executors.newSingleThreadExecutor()) {
            var socket = new LoopSocket(loop, 0);
            var handle = new Connections(Connections.config(16, 1_000)).open(socket);
            socket.handle = handle;
            boolean arrived = true;

            for (int number = 1; number <= 300_000 && arrived; number++) {
                handle.trySend(new Binary(frame(0, number)));
                arrived = socket.hasWritten(number);
            }

            assertThat(arrived).isTrue();
        }
    }

    private static void produce(ConnectionHandle handle, int id) {
        for (int number = 0; number < FRAMES_EACH; number++) {
            var frame = new Binary(frame(id, number));
            if (!handle.trySend(frame)) {
                var sent = handle.send(frame, PATIENCE).toCompletableFuture();
                sent.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
            }
        }
    }

    private static byte[] frame(int producer, int number) {
        return ByteBuffer.allocate(8).putInt(producer).putInt(number).array();
    }

    private static void assertInOrder(List<byte[]> frames) {
        var next = new int[PRODUCERS];
        for (byte[] frame : frames) {
            var buffer = ByteBuffer.wrap(frame);
            int producer = buffer.getInt();
            assertThat(buffer.getInt()).isEqualTo(next[producer]++);
        }
        assertThat(next).containsOnly(FRAMES_EACH);
    }
}
