package dev.wingman.protocol;

/** Between {@link Value} and {@link Datum}. */
final class ValueCodec {
    private ValueCodec() {}

    static Datum decode(Value value) {
        throw new ProtocolException(ErrorCode.NOT_AVAILABLE, "value of " + value.sizeBytes());
    }
}
