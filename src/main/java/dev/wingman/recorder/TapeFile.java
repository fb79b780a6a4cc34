package dev.wingman.recorder;

import dev.wingman.recorder.TapeRecord.Begin;
import dev.wingman.recorder.TapeRecord.End;
import dev.wingman.recorder.TapeRecord.Part;
import dev.wingman.recorder.TapeRecord.Title;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What can be read of a recording's file: everything up to its end, or up to the first byte that is
 * torn or damaged. Never fails on what the file contains.
 *
 * @param name of the recording; null when the file is no recording at all
 * @param readableBytes from the start; what follows is lost
 * @param sizeBytes of the whole file
 * @param lastExchange highest number in use, -1 when there is none
 * @param last fingerprint of the last request
 */
record TapeFile(
        @Nullable String name,
        List<Interaction> interactions,
        long readableBytes,
        long sizeBytes,
        int lastExchange,
        Fingerprint last) {
    private static final int BUFFER_BYTES = 1 << 16;

    boolean isDamaged() {
        return readableBytes < sizeBytes;
    }

    static TapeFile read(Path file) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return new Scan(channel.size())
                    .run(new BufferedInputStream(Channels.newInputStream(channel), BUFFER_BYTES));
        }
    }

    /** Only the first record: the name; null when there is none. */
    static @Nullable String readName(Path file) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            var head = new Scan(Math.min(channel.size(), BUFFER_BYTES));
            return head.run(new BufferedInputStream(Channels.newInputStream(channel))).name();
        }
    }

    /** Reads the record at a place that a scan has found. */
    static Part readPart(FileChannel channel, long position) throws IOException {
        byte[] framing = readFully(channel, position, TapeFormat.FRAMING_BYTES);
        ByteBuffer header = ByteBuffer.wrap(framing);
        int length = header.getInt();
        int checksum = header.getInt();
        if (length < 0 || length > TapeFormat.MAX_RECORD_BYTES) {
            throw new IOException("damaged at byte " + position);
        }
        byte[] content = readFully(channel, position + TapeFormat.FRAMING_BYTES, length);
        if (TapeFormat.checksum(content, 0, length) != checksum
                || !(TapeFormat.decode(content).orElse(null) instanceof Part part)) {
            throw new IOException("damaged at byte " + position);
        }
        return part;
    }

    private static byte[] readFully(FileChannel channel, long position, int length)
            throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position()) < 0) {
                throw new EOFException("cut at byte " + position);
            }
        }
        return bytes.array();
    }

    /** One pass over a file. */
    private static final class Scan {
        private final long size;
        private long position = TapeFormat.MAGIC.length;
        private @Nullable String name;
        private int lastExchange = -1;
        private int begun;
        private Fingerprint last = Fingerprint.HEAD;
        private final Map<Integer, Open> open = new HashMap<>();
        private final List<Interaction> complete = new ArrayList<>();

        /** An exchange of which the request or the end has not come yet: either may be first. */
        private static final class Open {
            @Nullable Begin begin;
            int order;
            long beginAt;
            long bytes;
            boolean ended;
            final List<Long> answer = new ArrayList<>();
        }

        Scan(long size) {
            this.size = size;
        }

        TapeFile run(InputStream stream) throws IOException {
            var in = new DataInputStream(stream);
            if (size >= position
                    && Arrays.equals(in.readNBytes((int) position), TapeFormat.MAGIC)) {
                long at = position;
                while (readRecord(in)) {
                    at = position;
                }
                position = at;
            }
            if (name == null) {
                position = 0; // without its name nothing of a recording is of use
            }
            complete.sort(Comparator.comparingInt(Interaction::order));
            return new TapeFile(name, List.copyOf(complete), position, size, lastExchange, last);
        }

        /** False at the end of what can be read. */
        private boolean readRecord(DataInputStream in) throws IOException {
            long left = size - position - TapeFormat.FRAMING_BYTES;
            if (left < 0) {
                return false;
            }
            int length = in.readInt();
            int checksum = in.readInt();
            if (length < 0 || length > left || length > TapeFormat.MAX_RECORD_BYTES) {
                return false;
            }
            byte[] content = in.readNBytes(length);
            if (content.length < length
                    || TapeFormat.checksum(content, 0, length) != checksum
                    || !take(TapeFormat.decode(content).orElse(null), length)) {
                return false;
            }
            position += TapeFormat.FRAMING_BYTES + length;
            return true;
        }

        private boolean take(@Nullable TapeRecord entry, int length) {
            return switch (entry) {
                case null -> false;
                case Title title
                        when name == null && RecordingName.parse(title.name()).isPresent() -> {
                    name = title.name();
                    yield true;
                }
                case Title _ -> false;
                case Part part -> name != null && takePart(part, length);
            };
        }

        private boolean takePart(Part part, int length) {
            lastExchange = Math.max(lastExchange, part.exchange());
            Open exchange = open.computeIfAbsent(part.exchange(), _ -> new Open());
            exchange.bytes += TapeFormat.FRAMING_BYTES + length;
            switch (part) {
                case Begin begin -> {
                    exchange.begin = begin;
                    exchange.beginAt = position;
                    exchange.order = begun++;
                    last = begin.fingerprint();
                }
                case End _ -> {
                    exchange.answer.add(position);
                    exchange.ended = true;
                }
                case TapeRecord.Head _,
                        TapeRecord.Data _,
                        TapeRecord.Trailers _,
                        TapeRecord.Frame _ ->
                        exchange.answer.add(position);
            }
            closeIfComplete(part.exchange(), exchange);
            return true;
        }

        private void closeIfComplete(int number, Open exchange) {
            Begin begin = exchange.begin;
            if (begin != null && exchange.ended) {
                open.remove(number);
                complete.add(
                        new Interaction(
                                exchange.order,
                                begin.endpoint(),
                                begin.fingerprint(),
                                exchange.beginAt,
                                exchange.answer.stream().mapToLong(Long::longValue).toArray(),
                                exchange.bytes));
            }
        }
    }
}
