package dev.wingman.recorder;

import dev.wingman.recorder.TapeRecord.Frame;
import dev.wingman.recorder.TapeRecord.Head;
import dev.wingman.recorder.TapeRecord.Outcome;
import dev.wingman.recorder.TapeRecord.Part;
import dev.wingman.recorder.TapeRecord.Sender;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What is recorded of a WebSocket, in the order in which it happened: what we send as the target,
 * and what we wait for from the client.
 *
 * @param bytes of all payloads
 */
record SocketScript(
        int status, List<Header> headers, List<Step> steps, long bytes, Outcome outcome) {
    /** One thing that happens. */
    sealed interface Step {
        /** A frame of the target, as it was cut. */
        @SuppressWarnings("ArrayRecordComponent") // never compared
        record Send(long atMicros, int firstByte, byte[] payload) implements Step {}

        /** A whole message of the client, or its close; how it was cut is the client's affair. */
        @SuppressWarnings("ArrayRecordComponent") // never compared
        record Expect(int number, int opcode, byte[] payload) implements Step {}
    }

    static SocketScript of(List<Part> parts) {
        List<Frame> frames = new ArrayList<>();
        Head head = new Head(0, 0, 502, "", List.of());
        Outcome outcome = Outcome.TARGET_LEFT;
        for (Part part : parts) {
            switch (part) {
                case Head found -> head = found;
                case Frame frame -> frames.add(frame);
                case TapeRecord.End end -> outcome = end.outcome();
                case TapeRecord.Begin _, TapeRecord.Data _, TapeRecord.Trailers _ -> {}
            }
        }
        // A message in several frames is written after its last one, later than it began.
        frames.sort(Comparator.comparingLong(Frame::atMicros));
        return new SocketScript(
                head.status(),
                head.headers(),
                steps(frames),
                frames.stream().mapToLong(frame -> frame.payload().length).sum(),
                outcome);
    }

    private static List<Step> steps(List<Frame> frames) {
        List<Step> steps = new ArrayList<>();
        var message = new ByteArrayOutputStream();
        int opcode = 0;
        int number = 0;
        for (Frame frame : frames) {
            int present = FrameReader.opcode(frame.firstByte());
            if (frame.sender() == Sender.TARGET) {
                // Pongs answer pings of the client, which we answer ourselves.
                if (present != FrameReader.PONG) {
                    steps.add(new Step.Send(frame.atMicros(), frame.firstByte(), frame.payload()));
                }
            } else if (present == FrameReader.CLOSE) {
                steps.add(new Step.Expect(++number, present, frame.payload()));
            } else if (!FrameReader.isControl(frame.firstByte())) {
                opcode = present == FrameReader.CONTINUATION ? opcode : present;
                message.writeBytes(frame.payload());
                if ((frame.firstByte() & FrameReader.FINAL) != 0) {
                    steps.add(new Step.Expect(++number, opcode, message.toByteArray()));
                    message.reset();
                }
            }
        }
        return steps;
    }
}
