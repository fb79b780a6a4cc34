package dev.wingman.recorder;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.wingman.recorder.TapeRecord.Begin;
import dev.wingman.recorder.TapeRecord.Part;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A recording that is being replayed: which of its answers comes next for a request.
 *
 * <p>Thread-safe. Reading parts blocks on the disk unless they are kept in memory.
 */
final class Playback {
    /** Answers up to this size are kept in memory once they were read, as long as there is room. */
    private static final int KEPT_BYTES = 1 << 16;

    private static final long MAX_KEPT_BYTES = 64 << 20;

    /** What is recorded of a request. */
    private record Key(String endpoint, Fingerprint fingerprint) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key that
                    && fingerprint.equals(that.fingerprint)
                    && endpoint.equals(that.endpoint);
        }

        @Override
        public int hashCode() {
            return endpoint.hashCode() * 31 + fingerprint.hashCode();
        }
    }

    /** What becomes of a request. */
    sealed interface Answer {
        /** The file stays open until {@link #done} is called. */
        record Hit(Interaction interaction) implements Answer {}

        record Miss() implements Answer {}

        /**
         * @param expected what should have come; null when nothing should
         */
        record OutOfOrder(@Nullable Interaction expected) implements Answer {}
    }

    /** An interaction, its fingerprint and its place in the maps; and each of its positions. */
    private static final int INTERACTION_BYTES = 400;

    private static final int POSITION_BYTES = 8;

    /**
     * What tells one state of a file from another.
     *
     * @param key of the file itself, whatever its name
     */
    private record Version(@Nullable Object key, long bytes, FileTime modified) {
        static Version of(Path path) throws IOException {
            var attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return new Version(
                    attributes.fileKey(), attributes.size(), attributes.lastModifiedTime());
        }
    }

    private final TapeFile file;
    private final Version version;
    private final FileChannel channel;
    private final Memory memory;
    private final Map<Key, int[]> places = new HashMap<>();

    /** As on the tape, requests have the order in which they became complete. */
    private final Turns turns = new Turns();

    @GuardedBy("this")
    private final Map<Key, Integer> cursors = new HashMap<>();

    @GuardedBy("this")
    private final BitSet used = new BitSet();

    @GuardedBy("this")
    private final Map<Integer, List<Part>> kept = new HashMap<>();

    @GuardedBy("this")
    private long keptBytes;

    /** Answers that are being read. */
    @GuardedBy("this")
    private int users;

    @GuardedBy("this")
    private boolean closed;

    private Playback(TapeFile file, Version version, FileChannel channel, Memory memory) {
        this.file = file;
        this.version = version;
        this.channel = channel;
        this.memory = memory;
        Map<Key, List<Integer>> growing = new HashMap<>();
        List<Interaction> all = file.interactions();
        for (int i = 0; i < all.size(); i++) {
            growing.computeIfAbsent(key(all.get(i)), _ -> new ArrayList<>()).add(i);
        }
        growing.forEach((key, list) ->
                places.put(key, list.stream().mapToInt(Integer::intValue).toArray()));
    }

    private static Key key(Interaction interaction) {
        return new Key(interaction.endpoint(), interaction.fingerprint());
    }

    /**
     * Reads the index of the file. Blocks on the disk.
     *
     * @param memory that the index and the answers that are kept are taken from
     * @throws Memory.Full when there is no room for the index
     */
    static Playback open(Path path, Memory memory) throws IOException {
        Version version = Version.of(path);
        TapeFile file = TapeFile.read(path);
        if (file.name() == null) {
            throw new IOException(path.getFileName() + " is no recording");
        }
        var channel = FileChannel.open(path, StandardOpenOption.READ);
        if (!memory.tryKeep(indexBytes(file))) {
            channel.close();
            throw new Memory.Full(memory);
        }
        return new Playback(file, version, channel, memory);
    }

    private static long indexBytes(TapeFile file) {
        long bytes = 0;
        for (Interaction each : file.interactions()) {
            bytes += INTERACTION_BYTES + (long) POSITION_BYTES * each.answerAt().length;
        }
        return bytes;
    }

    TapeFile file() {
        return file;
    }

    Turns.Turn turn() {
        return turns.take();
    }

    /**
     * The next answer to a request like this one. Only an answer moves the place in the recording.
     *
     * @param strictOrder whether it must be the request that comes next in the whole recording
     */
    synchronized Answer next(String endpoint, Fingerprint fingerprint, boolean strictOrder) {
        var key = new Key(endpoint, fingerprint);
        int[] known = places.get(key);
        if (known == null) {
            return new Answer.Miss();
        }
        int cursor = cursors.getOrDefault(key, 0);
        if (strictOrder) {
            int place = used.nextClearBit(0);
            Interaction expected =
                    place < file.interactions().size() ? file.interactions().get(place) : null;
            if (expected == null || !key(expected).equals(key)) {
                return new Answer.OutOfOrder(expected);
            }
        } else if (cursor == known.length) {
            return new Answer.Miss();
        }
        cursors.put(key, cursor + 1);
        used.set(known[cursor]);
        users++;
        return new Answer.Hit(file.interactions().get(known[cursor]));
    }

    /** Whether the file is what it was when this was opened. */
    boolean isCurrent(Path path) throws IOException {
        return version.equals(Version.of(path));
    }

    /** Back to the start. */
    synchronized void rewind() {
        cursors.clear();
        used.clear();
    }

    /** Those that have not been replayed since the start. */
    synchronized List<Interaction> unused() {
        List<Interaction> unused = new ArrayList<>();
        List<Interaction> all = file.interactions();
        for (int i = used.nextClearBit(0); i < all.size(); i = used.nextClearBit(i + 1)) {
            unused.add(all.get(i));
        }
        return unused;
    }

    /** The whole answer, when it is in memory. */
    synchronized @Nullable List<Part> kept(Interaction interaction) {
        return kept.get(interaction.order());
    }

    Begin request(Interaction interaction) throws IOException {
        if (TapeFile.readPart(channel, interaction.beginAt()) instanceof Begin begin) {
            return begin;
        }
        throw new IOException("no request at byte " + interaction.beginAt());
    }

    /**
     * Some parts of the answer.
     *
     * @param from number of the first
     * @param maxBytes after which no more are read; one is in any case
     */
    List<Part> read(Interaction interaction, int from, int maxBytes) throws IOException {
        List<Part> parts = new ArrayList<>();
        long[] positions = interaction.answerAt();
        long bytes = 0;
        for (int i = from; i < positions.length && bytes < maxBytes; i++) {
            Part part = TapeFile.readPart(channel, positions[i]);
            bytes += size(part);
            parts.add(part);
        }
        if (from == 0 && parts.size() == positions.length && interaction.bytes() <= KEPT_BYTES) {
            keep(interaction, parts);
        }
        return parts;
    }

    private synchronized void keep(Interaction interaction, List<Part> parts) {
        if (!closed
                && !kept.containsKey(interaction.order())
                && keptBytes + interaction.bytes() <= MAX_KEPT_BYTES
                && memory.tryKeep(interaction.bytes())) {
            kept.put(interaction.order(), List.copyOf(parts));
            keptBytes += interaction.bytes();
        }
    }

    /** Answers will be read again. */
    synchronized void forgetAnswers() {
        kept.clear();
        memory.letGo(keptBytes);
        keptBytes = 0;
    }

    private static long size(Part part) {
        return switch (part) {
            case TapeRecord.Data data -> data.bytes().length;
            case TapeRecord.Frame frame -> frame.payload().length;
            case Begin _, TapeRecord.Head _, TapeRecord.Trailers _, TapeRecord.End _ -> 0;
        };
    }

    /** An answer has been read, or will not be. */
    synchronized void done() throws IOException {
        users--;
        closeIfUnused();
    }

    /** Once. Answers under way are still read. */
    synchronized void close() throws IOException {
        forgetAnswers();
        memory.letGo(indexBytes(file));
        closed = true;
        closeIfUnused();
    }

    private synchronized void closeIfUnused() throws IOException {
        if (closed && users == 0) {
            channel.close();
        }
    }
}
