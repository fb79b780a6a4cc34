package dev.wingman.recorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of recordings, whole and damaged. */
class TapeTest {
    private static final RecordingName NAME = new RecordingName("a/b");
    private static final Memory MEMORY = new Memory(Long.MAX_VALUE);

    @TempDir private Path folder;

    private static RecordedRequest request(String target) {
        return new RecordedRequest(
                "GET", target, List.of(new Header("A", "b")), new byte[32], new byte[] {1});
    }

    private static void exchange(Tape tape, String target) {
        int number = tape.nextExchange().orElseThrow();
        RecordedRequest request = request(target);
        tape.begin(number, "api", request, request.fingerprint(Set.of()));
        tape.append(new TapeRecord.Head(number, 1, 200, "OK", List.of(new Header("X", "y"))));
        tape.append(new TapeRecord.Data(number, 2, new byte[] {1, 2, 3}));
        tape.append(new TapeRecord.Trailers(number, List.of(new Header("T", "u"))));
        tape.append(
                new TapeRecord.Frame(number, 3, TapeRecord.Sender.TARGET, 0x81, new byte[] {9}));
        tape.append(new TapeRecord.End(number, 4, TapeRecord.Outcome.COMPLETE));
    }

    private Path recorded(int exchanges) throws IOException {
        Path file = folder.resolve("one");
        Files.deleteIfExists(file);
        Tape tape = Tape.open(file, NAME, 7, 100, MEMORY, () -> {});
        for (int i = 0; i < exchanges; i++) {
            exchange(tape, "/" + i);
        }
        tape.close();
        return file;
    }

    @Test
    void everyKindOfRecordIsReadAsItWasWritten() throws IOException {
        Path file = recorded(2);

        try (var channel = FileChannel.open(file)) {
            TapeFile read = TapeFile.read(file);
            Interaction second = read.interactions().get(1);
            var begin = (TapeRecord.Begin) TapeFile.readPart(channel, second.beginAt());

            assertThat(read.name()).isEqualTo("a/b");
            assertThat(read.isDamaged()).isFalse();
            assertThat(begin.request()).isEqualTo(request("/1"));
            assertThat(begin.previous()).isEqualTo(read.interactions().getFirst().fingerprint());
            assertThat(second.answerAt()).hasSize(5);
            for (long position : second.answerAt()) {
                TapeRecord.Part part = TapeFile.readPart(channel, position);
                byte[] again = TapeFormat.encode(part);
                assertThat(again)
                        .isEqualTo(
                                Arrays.copyOfRange(
                                        Files.readAllBytes(file),
                                        (int) position,
                                        (int) position + again.length));
            }
        }
        assertThat(Files.getPosixFilePermissions(file))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void whereverItIsCutThePrefixIsReadableAndCanBeContinued() throws IOException {
        byte[] whole = Files.readAllBytes(recorded(3));
        Path cut = folder.resolve("cut");
        int complete = 0;
        for (int length = 0; length <= whole.length; length++) {
            Files.write(cut, Arrays.copyOf(whole, length));
            int readable = TapeFile.read(cut).interactions().size();
            assertThat(readable).isGreaterThanOrEqualTo(complete);
            complete = readable;
        }
        assertThat(complete).isEqualTo(3);

        Files.write(cut, Arrays.copyOf(whole, TapeFormat.MAGIC.length + 5));
        Tape begun = Tape.open(cut, NAME, 7, 100, MEMORY, () -> {});
        exchange(begun, "/new");
        begun.close();
        assertThat(TapeFile.read(cut).interactions()).hasSize(1);

        Files.write(cut, Arrays.copyOf(whole, whole.length - 5));
        Tape tape = Tape.open(cut, NAME, 7, 100, MEMORY, () -> {});
        exchange(tape, "/new");
        tape.close();

        assertThat(TapeFile.read(cut).isDamaged()).isFalse();
        assertThat(TapeFile.read(cut).interactions()).hasSize(3);
    }

    @Test
    void aFlippedBitLosesWhatFollowsAndNothingBefore() throws IOException {
        byte[] whole = Files.readAllBytes(recorded(2));
        Path flipped = folder.resolve("flipped");
        for (int i = 0; i < whole.length; i++) {
            byte[] damaged = whole.clone();
            damaged[i] ^= (byte) (1 << (i % 8));
            Files.write(flipped, damaged);
            TapeFile read = TapeFile.read(flipped);

            assertThat(read.isDamaged()).as("byte %d", i).isTrue();
            assertThat(read.readableBytes()).isLessThanOrEqualTo(i);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void manyFlippedBitsLeaveWhatIsBeforeTheFirst(long seed) throws IOException {
        var random = new SplittableRandom(seed);
        Path file = recorded(5);
        List<Interaction> whole = TapeFile.read(file).interactions();
        byte[] damaged = Files.readAllBytes(file);
        int first = damaged.length;
        for (int i = random.nextInt(1, 40); i > 0; i--) {
            int at = random.nextInt(damaged.length);
            damaged[at] ^= (byte) random.nextInt(1, 256);
            first = Math.min(first, at);
        }
        Files.write(file, damaged);
        TapeFile read = TapeFile.read(file);

        // A byte may be hit twice and be whole again, so what is readable may be more.
        assertThat(whole.subList(0, read.interactions().size()))
                .usingRecursiveComparison()
                .isEqualTo(read.interactions());
        int before = first;
        assertThat(read.interactions())
                .hasSizeGreaterThanOrEqualTo(
                        (int) whole.stream().filter(each -> end(each) <= before).count());
        Tape tape = Tape.open(file, NAME, 7, 100, MEMORY, () -> {});
        exchange(tape, "/more");
        tape.close();
        assertThat(TapeFile.read(file).interactions()).hasSize(read.interactions().size() + 1);
    }

    /** The first byte after it; an end is the last of its records, and has this many bytes. */
    private static long end(Interaction interaction) {
        long[] parts = interaction.answerAt();
        var end = new TapeRecord.End(interaction.order(), 4, TapeRecord.Outcome.COMPLETE);
        return parts[parts.length - 1] + TapeFormat.encode(end).length;
    }

    @Test
    void tenThousandRandomFilesDoNoHarm() throws IOException {
        var random = new SplittableRandom(42);
        Path file = folder.resolve("random");
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            if (i % 2 == 0) {
                System.arraycopy(
                        TapeFormat.MAGIC,
                        0,
                        bytes,
                        0,
                        Math.min(bytes.length, TapeFormat.MAGIC.length));
            }
            Files.write(file, bytes);

            assertThat(TapeFile.read(file).interactions()).isEmpty();
        }
    }

    /** What a checksum cannot tell: content of the right form with the wrong lengths. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void anyContentIsDecodedOrRefused(long seed) {
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 50; i++) {
            byte[] content = new byte[1 + random.nextInt(100)];
            random.nextBytes(content);
            content[0] = (byte) random.nextInt(9);
            TapeFormat.decode(content)
                    .ifPresent(entry ->
                            assertThat(TapeFormat.encode(entry).length)
                                    .isEqualTo(content.length + TapeFormat.FRAMING_BYTES));
        }
    }

    @Test
    void aRecordingTakesNoMoreExchangesThanItsLimit() throws IOException {
        Tape tape = Tape.open(folder.resolve("small"), NAME, 7, 2, MEMORY, () -> {});
        exchange(tape, "/0");
        tape.nextExchange().orElseThrow();

        assertThat(tape.nextExchange()).isEmpty();
        tape.abandon();
        assertThat(tape.nextExchange()).isPresent();
        tape.close();
    }

    @Test
    void aTapeThatBecomesFullAsksOnceToBeFlushed() throws IOException {
        var asked = new AtomicInteger();
        var resumed = new AtomicInteger();
        Tape tape = Tape.open(folder.resolve("full"), NAME, 7, 100, MEMORY, asked::incrementAndGet);
        int number = tape.nextExchange().orElseThrow();
        for (int round = 1; round <= 2; round++) {
            for (int i = 0; i < 5; i++) {
                assertThat(asked.get()).isEqualTo(i < 4 ? round - 1 : round);
                tape.append(new TapeRecord.Data(number, i, new byte[1 << 20]));
            }
            tape.whenDrained(resumed::incrementAndGet);
            assertThat(asked.get()).isEqualTo(round);
            assertThat(resumed.get()).isEqualTo(round - 1);

            assertThat(tape.flush()).isGreaterThan(5 << 20);
            assertThat(resumed.get()).isEqualTo(round);
        }
        tape.close();
    }

    @Test
    void aFileWithASecretIsNotPublished() throws IOException {
        var shelf =
                Shelf.open(
                        folder.resolve("shelf"),
                        new Redaction(List.of("hidden-away"), List.of(), List.of()),
                        100,
                        InstantSource.system(),
                        MEMORY,
                        () -> {});
        Tape tape = shelf.tape(NAME, false);
        exchange(tape, "/hidden-away");

        assertThat(shelf.publish(NAME)).isInstanceOf(Shelf.Publication.Refused.class);
        assertThat(shelf.list())
                .singleElement()
                .extracting(Shelf.Summary::state)
                .isEqualTo("partial");
    }

    @Test
    void aFolderThatEverybodyMayWriteToIsRefused() throws IOException {
        Path open = Files.createDirectory(folder.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        var redaction = new Redaction(List.of(), List.of(), List.of());

        assertThatThrownBy(() ->
                        Shelf.open(open, redaction, 1, InstantSource.system(), MEMORY, () -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("chmod o-w");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ".", "..", "a/../b", "/a", "a/", "a//b", ".a", "a.", "a b", "\u00e9"})
    void unsafeNamesAreRefused(String name) {
        assertThat(RecordingName.parse(name)).isEmpty();
    }

    @Test
    void longNamesAreSafeAsFiles() {
        assertThat(RecordingName.parse("a".repeat(256))).isEmpty();
        assertThat(new RecordingName("a/".repeat(127) + "b").fileStem()).hasSizeLessThan(80);
        assertThat(new RecordingName("a/b").fileStem())
                .isNotEqualTo(new RecordingName("a+b".replace('+', '-')).fileStem());
    }

    @Test
    void aRewindReadsTheFileAgainOnlyWhenItHasChanged() throws IOException {
        var shelf =
                Shelf.open(
                        folder.resolve("shelf"),
                        new Redaction(List.of(), List.of(), List.of()),
                        100,
                        InstantSource.system(),
                        MEMORY,
                        () -> {});
        exchange(shelf.tape(NAME, false), "/1");
        shelf.publish(NAME);
        Playback first = shelf.playback(NAME).orElseThrow();
        Fingerprint fingerprint = request("/1").fingerprint(Set.of());
        assertThat(first.next("api", fingerprint, false)).isInstanceOf(Playback.Answer.Hit.class);

        assertThat(shelf.rewind(NAME)).isTrue();

        assertThat(shelf.openPlayback(NAME)).isSameAs(first);
        assertThat(first.unused()).hasSize(1);
        exchange(shelf.tape(NAME, true), "/2");
        shelf.publish(NAME);
        assertThat(shelf.rewind(NAME)).isTrue();
        assertThat(shelf.playback(NAME).orElseThrow().unused()).hasSize(2);
        shelf.delete(NAME);
        assertThat(shelf.rewind(NAME)).isFalse();
    }
}
