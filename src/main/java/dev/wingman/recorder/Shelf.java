package dev.wingman.recorder;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The recordings in a folder: those that are being made and those that are replayed. A recording in
 * the making has the extension {@code partial}; published, it is renamed to {@code recording}.
 *
 * <p>Thread-safe. Everything may block on the disk except {@link #openTape} and {@link
 * #openPlayback}.
 */
public final class Shelf {
    static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final Logger LOG = Logger.getLogger(Shelf.class);
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final String MAKING = ".partial";
    private static final String PUBLISHED = ".recording";

    /** Each holds a file open; names come from clients. */
    private static final int MAX_OPEN = 1024;

    private static final int SCAN_BYTES = 1 << 20;

    /**
     * What there is to say of a recording.
     *
     * @param state {@code recording}, {@code partial} (its process was killed), {@code published}
     *     or {@code damaged}: only its beginning can be replayed
     */
    public record Summary(
            String name, String state, int interactions, long bytes, Instant updatedAt) {}

    /** A request that was never replayed. */
    public record Unused(int number, String endpoint, String method, String target) {}

    /** What came of publishing. */
    public sealed interface Publication {
        record Published() implements Publication {}

        record NotFound() implements Publication {}

        /**
         * @param position byte of the file at which a secret was found
         */
        record Refused(long position) implements Publication {}
    }

    private final Path folder;
    private final Redaction redaction;
    private final int maxInteractions;
    private final InstantSource clock;
    private final Memory memory;
    private final Runnable whenFull;
    private final LongAdder writtenBytes = new LongAdder();

    /** Changed under {@code this}, looked up without it. */
    private final Map<RecordingName, Tape> tapes = new ConcurrentHashMap<>();

    /** Changed under {@code this}, looked up without it. */
    private final Map<RecordingName, Playback> playbacks = new ConcurrentHashMap<>();

    private Shelf(
            Path folder,
            Redaction redaction,
            int maxInteractions,
            InstantSource clock,
            Memory memory,
            Runnable whenFull) {
        this.folder = folder;
        this.redaction = redaction;
        this.maxInteractions = maxInteractions;
        this.clock = clock;
        this.memory = memory;
        this.whenFull = whenFull;
    }

    /**
     * Makes the folder when it is absent.
     *
     * @param memory of all recordings together
     * @param whenFull called when a tape should be flushed soon; must not block
     * @throws IOException when there can be none, or everybody may write to it
     */
    static Shelf open(
            Path folder,
            Redaction redaction,
            int maxInteractions,
            InstantSource clock,
            Memory memory,
            Runnable whenFull)
            throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder, PRIVATE_FOLDER);
        }
        if (Files.getPosixFilePermissions(folder).contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException(
                    folder + " may be written to by everybody: take that right away (chmod o-w)");
        }
        return new Shelf(folder, redaction, maxInteractions, clock, memory, whenFull);
    }

    private Path making(RecordingName name) {
        return folder.resolve(name.fileStem() + MAKING);
    }

    private Path published(RecordingName name) {
        return folder.resolve(name.fileStem() + PUBLISHED);
    }

    private Path replayed(RecordingName name) {
        return Files.exists(published(name)) ? published(name) : making(name);
    }

    /** The tape of the recording if it is open already. */
    @Nullable Tape openTape(RecordingName name) {
        return tapes.get(name);
    }

    /** The playback of the recording if it is open already. */
    @Nullable Playback openPlayback(RecordingName name) {
        return playbacks.get(name);
    }

    /**
     * The tape that takes what is recorded under the name; one left behind by a killed process is
     * continued.
     *
     * @param extend whether a published recording is continued instead of replaced
     * @throws TooManyOpen when no more can be open
     */
    synchronized Tape tape(RecordingName name, boolean extend) throws IOException {
        Tape open = tapes.get(name);
        if (open == null) {
            if (tapes.size() >= MAX_OPEN) {
                throw new TooManyOpen();
            }
            if (extend && Files.exists(published(name)) && !Files.exists(making(name))) {
                Files.copy(published(name), making(name), StandardCopyOption.COPY_ATTRIBUTES);
            }
            open = Tape.open(making(name), name, clock.millis(), maxInteractions, memory, whenFull);
            tapes.put(name, open);
        }
        return open;
    }

    /** Recordings must be published or deleted before more can be opened. */
    static final class TooManyOpen extends IOException {
        private static final long serialVersionUID = 1L;

        TooManyOpen() {
            super(MAX_OPEN + " recordings are open: finalize or delete some");
        }
    }

    /** Empty when there is no such recording. */
    synchronized Optional<Playback> playback(RecordingName name) throws IOException {
        Playback open = playbacks.get(name);
        if (open == null) {
            Path file = replayed(name);
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            if (playbacks.size() >= MAX_OPEN) {
                throw new TooManyOpen();
            }
            open = openPlayback(file);
            if (open.file().isDamaged()) {
                LOG.warnf(
                        "recording is cut name=%s readable_bytes=%d bytes=%d interactions=%d",
                        name.value(),
                        open.file().readableBytes(),
                        open.file().sizeBytes(),
                        open.file().interactions().size());
            }
            playbacks.put(name, open);
        }
        return Optional.of(open);
    }

    /** An index must be there, the answers of others need not. */
    private synchronized Playback openPlayback(Path file) throws IOException {
        try {
            return Playback.open(file, memory);
        } catch (Memory.Full e) {
            playbacks.values().forEach(Playback::forgetAnswers);
            return Playback.open(file, memory);
        }
    }

    /** Brings all tapes to the disk. For one thread. */
    void flush() {
        for (Tape tape : tapes.values()) {
            try {
                writtenBytes.add(tape.flush());
            } catch (IOException e) {
                LOG.errorf("recording ends file=%s error=%s", tape.file(), e.getMessage());
            }
        }
    }

    long writtenBytes() {
        return writtenBytes.sum();
    }

    int openRecordings() {
        return tapes.size() + playbacks.size();
    }

    /** By name. */
    public synchronized List<Summary> list() {
        var all = new TreeMap<String, Summary>();
        try (Stream<Path> files = Files.list(folder)) {
            for (RecordingName name : tapes.keySet()) {
                summary(name).ifPresent(found -> all.put(name.value(), found));
            }
            for (Path file : files.sorted().toList()) {
                String name = isOurs(file) ? TapeFile.readName(file) : null;
                if (name != null) {
                    summary(new RecordingName(name)).ifPresent(found -> all.put(name, found));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.copyOf(all.values());
    }

    private static boolean isOurs(Path file) {
        return file.toString().endsWith(PUBLISHED) || file.toString().endsWith(MAKING);
    }

    /** Empty when there is no such recording. */
    public synchronized Optional<Summary> summary(RecordingName name) throws IOException {
        Tape tape = tapes.get(name);
        if (tape != null) {
            return Optional.of(
                    new Summary(
                            name.value(),
                            "recording",
                            tape.interactions(),
                            tape.bytes(),
                            Files.getLastModifiedTime(tape.file()).toInstant()));
        }
        boolean isPublished = Files.exists(published(name));
        Path path = isPublished ? published(name) : making(name);
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        Playback open = playbacks.get(name);
        TapeFile file = open != null ? open.file() : TapeFile.read(path);
        String state = !isPublished ? "partial" : file.isDamaged() ? "damaged" : "published";
        return Optional.of(
                new Summary(
                        name.value(),
                        state,
                        file.interactions().size(),
                        file.readableBytes(),
                        Files.getLastModifiedTime(path).toInstant()));
    }

    /**
     * What was never replayed, or all of it when nothing was.
     *
     * @param most that are listed
     */
    public synchronized List<Unused> unused(RecordingName name, int most) throws IOException {
        if (tapes.containsKey(name)) {
            return List.of();
        }
        List<Unused> unused = new ArrayList<>();
        Playback playback = playback(name).orElse(null);
        if (playback != null) {
            List<Interaction> all = playback.unused();
            for (Interaction each : all.subList(0, Math.min(most, all.size()))) {
                var begin = playback.request(each);
                RecordedRequest request = begin.request();
                unused.add(
                        new Unused(
                                each.order(),
                                begin.endpoint(),
                                request.method(),
                                request.target()));
            }
        }
        return unused;
    }

    /** False when there was none. */
    public synchronized boolean delete(RecordingName name) throws IOException {
        close(name);
        boolean making = Files.deleteIfExists(making(name));
        return Files.deleteIfExists(published(name)) || making;
    }

    private synchronized void close(RecordingName name) throws IOException {
        Tape tape = tapes.remove(name);
        if (tape != null) {
            tape.close();
        }
        Playback playback = playbacks.remove(name);
        if (playback != null) {
            playback.close();
        }
    }

    /** Back to the start; what was recorded meanwhile counts. False when there is no recording. */
    public synchronized boolean rewind(RecordingName name) throws IOException {
        Playback open = playbacks.get(name);
        if (open != null && Files.exists(replayed(name)) && open.isCurrent(replayed(name))) {
            open.rewind();
            return true;
        }
        if (open != null) {
            playbacks.remove(name);
            open.close();
        }
        return playback(name).isPresent();
    }

    /**
     * Ends the recording and gives it its final name, in place of an older one. Exchanges that are
     * under way are not part of it. A secret in the file refuses: it stays as it is.
     */
    public synchronized Publication publish(RecordingName name) throws IOException {
        Path file = making(name);
        Tape tape = tapes.remove(name);
        if (tape != null) {
            tape.close();
        }
        if (!Files.exists(file)) {
            return Files.exists(published(name))
                    ? new Publication.Published()
                    : new Publication.NotFound();
        }
        long secret = positionOfSecret(file);
        if (secret >= 0) {
            LOG.errorf(
                    "recording not published name=%s: a secret at byte %d; delete it and record"
                            + " again",
                    name.value(), secret);
            return new Publication.Refused(secret);
        }
        close(name);
        Files.move(file, published(name), StandardCopyOption.ATOMIC_MOVE);
        try (var directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
        return new Publication.Published();
    }

    /** -1 when there is none. */
    private long positionOfSecret(Path file) throws IOException {
        List<Literal> literals = redaction.literals();
        int overlap = literals.stream().mapToInt(Literal::longest).max().orElse(0);
        if (overlap == 0) {
            return -1;
        }
        try (var in = Files.newInputStream(file)) {
            byte[] window = new byte[SCAN_BYTES + overlap];
            long start = 0;
            int kept = 0;
            for (int read = in.readNBytes(window, 0, SCAN_BYTES);
                    read > 0;
                    read = in.readNBytes(window, kept, SCAN_BYTES)) {
                int end = kept + read;
                for (int at = 0; at < end; at++) {
                    if (isSecret(literals, window, at, end)) {
                        return start + at;
                    }
                }
                kept = Math.min(overlap, end);
                System.arraycopy(window, end - kept, window, 0, kept);
                start += end - kept;
            }
        }
        return -1;
    }

    private static boolean isSecret(List<Literal> literals, byte[] text, int at, int to) {
        for (Literal literal : literals) {
            if (literal.mayBeginWith(text[at]) && literal.endOfMatch(text, at, to) >= 0) {
                return true;
            }
        }
        return false;
    }

    /** Publishes whatever is being made and lets all files go. */
    synchronized void close() {
        for (RecordingName name : List.copyOf(tapes.keySet())) {
            try {
                publish(name);
            } catch (IOException e) {
                LOG.errorf("recording not published name=%s error=%s", name.value(), e);
            }
        }
        for (RecordingName name : List.copyOf(playbacks.keySet())) {
            try {
                close(name);
            } catch (IOException e) {
                LOG.warnf("recording not closed name=%s error=%s", name.value(), e.getMessage());
            }
        }
    }
}
