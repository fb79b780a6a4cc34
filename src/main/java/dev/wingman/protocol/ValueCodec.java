package dev.wingman.protocol;

/** Between {@link Value} and {@link Datum}. */
final class ValueCodec {
    private ValueCodec() {}

    static Datum decode(Value value) {
        return new Datum.Binary(value);
    }
}
