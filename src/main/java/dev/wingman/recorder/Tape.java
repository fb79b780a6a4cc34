package dev.wingman.recorder;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.wingman.recorder.TapeRecord.Begin;
import dev.wingman.recorder.TapeRecord.End;
import dev.wingman.recorder.TapeRecord.Part;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A recording that is being made: appends to its file. What is appended waits in memory until the
 * thread that writes all tapes calls {@link #flush}, which it does several times a second.
 *
 * <p>Thread-safe.
 */
final class Tape {
    /** Who appends should wait while more than this has not been written. */
    private static final int FULL_BYTES = 4 << 20;

    private final Path file;
    private final int maxInteractions;
    private final FileChannel channel;
    private final Memory memory;
    private final Runnable whenFull;

    /** The order of the requests is that in which they became complete. */
    private final Turns turns = new Turns();

    @GuardedBy("this")
    private ByteArrayOutputStream waiting = new ByteArrayOutputStream();

    @GuardedBy("this")
    private List<Runnable> drained = new ArrayList<>();

    @GuardedBy("this")
    private int nextExchange;

    @GuardedBy("this")
    private int running;

    @GuardedBy("this")
    private Fingerprint last;

    @GuardedBy("this")
    private int interactions;

    @GuardedBy("this")
    private long bytes;

    @GuardedBy("this")
    private boolean closed;

    @GuardedBy("this")
    private @Nullable IOException failure;

    private Tape(
            Path file,
            FileChannel channel,
            TapeFile present,
            int maxInteractions,
            Memory memory,
            Runnable whenFull) {
        this.file = file;
        this.channel = channel;
        this.memory = memory;
        this.whenFull = whenFull;
        this.maxInteractions = maxInteractions;
        this.nextExchange = present.lastExchange() + 1;
        this.last = present.last();
        this.interactions = present.interactions().size();
        this.bytes = present.readableBytes();
    }

    /**
     * Opens the file for more, or begins it. A torn tail is cut off.
     *
     * @param file that may exist already, from a process that was killed
     * @param memory that what waits for the disk is taken from
     * @param whenFull called once when the tape becomes full, so that somebody flushes; must not
     *     block
     */
    static Tape open(
            Path file,
            RecordingName name,
            long nowMillis,
            int maxInteractions,
            Memory memory,
            Runnable whenFull)
            throws IOException {
        var channel =
                FileChannel.open(
                        file,
                        Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                        Shelf.PRIVATE);
        TapeFile present = TapeFile.read(file);
        channel.truncate(present.readableBytes());
        channel.position(present.readableBytes());
        var tape = new Tape(file, channel, present, maxInteractions, memory, whenFull);
        if (present.name() == null) {
            tape.append(TapeFormat.MAGIC);
            tape.append(TapeFormat.encode(new TapeRecord.Title(name.value(), nowMillis)));
        }
        return tape;
    }

    Path file() {
        return file;
    }

    /** A number for one more exchange; empty when the recording takes no more. */
    synchronized OptionalInt nextExchange() {
        if (closed || failure != null || interactions + running >= maxInteractions) {
            return OptionalInt.empty();
        }
        running++;
        return OptionalInt.of(nextExchange++);
    }

    /** The exchange will not get an end. */
    synchronized void abandon() {
        running--;
    }

    /** A request is complete; its place among the others is here. */
    Turns.Turn turn() {
        return turns.take();
    }

    /** In its turn. */
    synchronized void begin(
            int exchange, String endpoint, RecordedRequest request, Fingerprint fingerprint) {
        append(TapeFormat.encode(new Begin(exchange, endpoint, request, fingerprint, last)));
        last = fingerprint;
    }

    synchronized void append(Part part) {
        append(TapeFormat.encode(part));
        if (part instanceof End) {
            running--;
            interactions++;
        }
    }

    private synchronized void append(byte[] encoded) {
        if (!closed && failure == null) {
            boolean wasFull = isFull();
            waiting.writeBytes(encoded);
            memory.take(encoded.length);
            bytes += encoded.length;
            if (!wasFull && isFull()) {
                whenFull.run();
            }
        }
    }

    /** Whether what is appended should wait; never when all of it is on the disk. */
    synchronized boolean isFull() {
        return waiting.size() > FULL_BYTES || (waiting.size() > 0 && memory.isFull());
    }

    /** Calls back, on any thread, once the tape is not full any more. */
    void whenDrained(Runnable callback) {
        synchronized (this) {
            if (isFull()) {
                drained.add(callback);
                return;
            }
        }
        callback.run();
    }

    synchronized int interactions() {
        return interactions;
    }

    synchronized long bytes() {
        return bytes;
    }

    private synchronized void fail(IOException cause) {
        failure = cause;
        memory.giveBack(waiting.size());
        waiting = new ByteArrayOutputStream();
    }

    /**
     * Brings everything appended so far to the disk. Called by one thread at a time.
     *
     * @return the bytes written
     * @throws IOException when the disk refuses; nothing more is taken afterwards
     */
    int flush() throws IOException {
        byte[] taken;
        List<Runnable> callbacks;
        synchronized (this) {
            taken = waiting.toByteArray();
            waiting = new ByteArrayOutputStream();
            callbacks = drained;
            drained = new ArrayList<>();
        }
        try {
            if (taken.length > 0) {
                ByteBuffer left = ByteBuffer.wrap(taken);
                while (left.hasRemaining()) {
                    channel.write(left);
                }
                channel.force(false);
            }
        } catch (IOException e) {
            fail(e);
            throw e;
        } finally {
            memory.giveBack(taken.length);
            callbacks.forEach(Runnable::run);
        }
        return taken.length;
    }

    /** Flushes and lets the file go. What is appended afterwards is lost. */
    void close() throws IOException {
        turns.skip();
        synchronized (this) {
            closed = true;
        }
        try (channel) {
            flush();
        }
    }
}
