package dev.wingman.fuzz;

import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Fixtures;
import dev.wingman.protocol.Value;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Frames that are almost right. Each begins as a message of the real client; then a field has
 * another type, is missing, too large or too deep, or some bytes are others.
 */
public final class Mutations {
    /** One of each type, with the numbers and texts at which something may turn over. */
    public static final List<Datum> OF_EVERY_TYPE =
            List.of(
                    Datum.Nil.NIL,
                    new Datum.Bool(true),
                    new Datum.Whole(0),
                    new Datum.Whole(-1),
                    new Datum.Whole(Long.MAX_VALUE),
                    new Datum.Whole(Long.MIN_VALUE),
                    new Datum.Whole(1L << 53),
                    new Datum.Real(0.5),
                    new Datum.Real(Double.NaN),
                    new Datum.Real(Double.NEGATIVE_INFINITY),
                    new Datum.Real(1e300),
                    new Datum.Text(""),
                    new Datum.Text("\u0000:\ud83d\ude00"),
                    new Datum.Text("x".repeat(300)),
                    new Datum.Binary(Value.ofEncoded(new byte[] {(byte) 0xc4, 1, 7})),
                    new Datum.Sequence(List.of()),
                    new Datum.Sequence(List.of(Datum.Nil.NIL, new Datum.Whole(1))),
                    new Datum.Dictionary(Map.of()),
                    new Datum.Dictionary(Map.of("0", new Datum.Whole(0))));

    private static final int DEEP = 300;

    private Mutations() {}

    /** A fixture with a changed structure, changed bytes, or both. */
    public static byte[] ofFixture(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> ofBytes(random);
            case 1 -> changed(ofStructure(random), random);
            case 2 -> batch(random);
            default -> ofStructure(random);
        };
    }

    /** A fixture with one to four of its bytes changed, and now and then a changed length. */
    public static byte[] ofBytes(SplittableRandom random) {
        return changed(fixture(random), random);
    }

    private static byte[] fixture(SplittableRandom random) {
        return Fixtures.frame(Fixtures.NAMES.get(random.nextInt(Fixtures.NAMES.size())));
    }

    private static byte[] changed(byte[] frame, SplittableRandom random) {
        for (int changes = random.nextInt(1, 5); changes > 0 && frame.length > 0; changes--) {
            frame[random.nextInt(frame.length)] = interesting(random);
        }
        return random.nextInt(8) == 0
                ? Arrays.copyOf(frame, random.nextInt(2 * frame.length + 1))
                : frame;
    }

    /** The headers of MessagePack are rare among random bytes, so they are drawn more often. */
    private static byte interesting(SplittableRandom random) {
        return (byte) (random.nextBoolean() ? random.nextInt(0xc0, 0xe0) : random.nextInt(0x100));
    }

    private static byte[] ofStructure(SplittableRandom random) {
        Datum message = Datum.of(Value.ofEncoded(fixture(random)));
        for (int changes = random.nextInt(1, 4); changes > 0; changes--) {
            message = somewhere(message, random);
        }
        return Value.of(message).encoded();
    }

    /** Descends to a place drawn from the seed and changes what is there. */
    private static Datum somewhere(Datum datum, SplittableRandom random) {
        return switch (datum) {
            case Datum.Dictionary(var fields) when !fields.isEmpty() && random.nextInt(8) > 0 -> {
                var names = List.copyOf(fields.keySet());
                String name = names.get(random.nextInt(names.size()));
                Map<String, Datum> others = new LinkedHashMap<>(fields);
                if (random.nextInt(10) == 0) {
                    others.remove(name);
                } else if (!name.equals("type") || random.nextInt(10) == 0) {
                    others.computeIfPresent(name, (_, field) -> somewhere(field, random));
                }
                yield new Datum.Dictionary(others);
            }
            case Datum.Sequence(var items) when !items.isEmpty() && random.nextInt(8) > 0 -> {
                List<Datum> others = new ArrayList<>(items);
                int at = random.nextInt(items.size());
                others.set(at, somewhere(items.get(at), random));
                if (random.nextInt(10) == 0) {
                    others.addAll(items);
                }
                yield new Datum.Sequence(others);
            }
            case Datum _ -> another(datum, random);
        };
    }

    private static Datum another(Datum datum, SplittableRandom random) {
        return switch (random.nextInt(16)) {
            case 0 -> new Datum.Text("x".repeat(random.nextInt(5_000)));
            case 1 -> deep(datum, random.nextInt(DEEP));
            case 2 -> new Datum.Sequence(List.of(datum, datum));
            case 3 -> new Datum.Dictionary(Map.of("value", datum));
            case 4 -> new Datum.Whole(random.nextLong());
            default -> OF_EVERY_TYPE.get(random.nextInt(OF_EVERY_TYPE.size()));
        };
    }

    private static Datum deep(Datum datum, int levels) {
        Datum nested = datum;
        for (int i = 0; i < levels; i++) {
            nested = new Datum.Sequence(List.of(nested));
        }
        return nested;
    }

    /** A BATCH of mutated messages, some of whose lengths lie. */
    private static byte[] batch(SplittableRandom random) {
        byte[] data = {};
        for (int items = random.nextInt(5); items > 0; items--) {
            byte[] item = random.nextBoolean() ? ofStructure(random) : ofBytes(random);
            int length = random.nextInt(10) == 0 ? random.nextInt() : item.length;
            int at = data.length;
            data = Arrays.copyOf(data, at + Integer.BYTES + item.length);
            ByteBuffer.wrap(data).putInt(at, length).put(at + Integer.BYTES, item);
        }
        byte[] binary =
                ByteBuffer.allocate(1 + Integer.BYTES + data.length)
                        .put((byte) 0xc6)
                        .putInt(data.length)
                        .put(data)
                        .array();
        Map<String, Datum> fields = new LinkedHashMap<>();
        fields.put("type", new Datum.Text("BATCH"));
        fields.put("count", new Datum.Whole(random.nextInt()));
        fields.put("data", new Datum.Binary(Value.ofEncoded(binary)));
        return Value.of(new Datum.Dictionary(fields)).encoded();
    }
}
