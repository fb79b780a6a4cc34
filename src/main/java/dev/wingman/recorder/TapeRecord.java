package dev.wingman.recorder;

import java.util.List;

/**
 * One entry of a recording's file. The entries of an exchange carry its number; those of several
 * exchanges are interleaved as they happened.
 *
 * <p>Times are microseconds since the exchange began.
 */
sealed interface TapeRecord {
    /** First in every file. */
    record Title(String name, long createdMillis) implements TapeRecord {}

    /** Of an exchange. */
    sealed interface Part extends TapeRecord {
        int exchange();
    }

    /**
     * A request, complete. The order of these is the order of the recording.
     *
     * @param previous fingerprint of the request before it in this recording
     */
    record Begin(
            int exchange,
            String endpoint,
            RecordedRequest request,
            Fingerprint fingerprint,
            Fingerprint previous)
            implements Part {}

    /** Status line and headers of an answer, interim answers (1xx) included. */
    record Head(int exchange, long atMicros, int status, String reason, List<Header> headers)
            implements Part {
        public Head {
            headers = List.copyOf(headers);
        }
    }

    /** A piece of the body of an answer, as it came. */
    @SuppressWarnings("ArrayRecordComponent") // compared in tests only, as encoded
    record Data(int exchange, long atMicros, byte[] bytes) implements Part {}

    record Trailers(int exchange, List<Header> headers) implements Part {
        public Trailers {
            headers = List.copyOf(headers);
        }
    }

    /** One frame of a WebSocket, unmasked. */
    @SuppressWarnings("ArrayRecordComponent") // compared in tests only, as encoded
    record Frame(int exchange, long atMicros, Sender sender, int firstByte, byte[] payload)
            implements Part {}

    /** The exchange is complete as far as it will ever be; one without it never happened. */
    record End(int exchange, long atMicros, Outcome outcome) implements Part {}

    /** The number is on disks. */
    enum Sender {
        CLIENT(0),
        TARGET(1);

        final int number;

        Sender(int number) {
            this.number = number;
        }
    }

    /** How an exchange ended. The number is on disks. */
    enum Outcome {
        COMPLETE(0),
        /** The target broke off. */
        TARGET_LEFT(1),
        /** The client went away before the end. */
        CLIENT_LEFT(2),
        /** The recorder was stopped. */
        STOPPED(3);

        final int number;

        Outcome(int number) {
            this.number = number;
        }
    }
}
