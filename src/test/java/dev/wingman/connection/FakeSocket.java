package dev.wingman.connection;

import dev.wingman.connection.OutboundMessage.Close;
import dev.wingman.protocol.CloseCode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A socket whose reader takes as many frames as the test says. Confined to the test's thread. */
final class FakeSocket implements Transport, FrameSink {
    final List<String> written = new ArrayList<>();
    @Nullable Close closed;
    int wakes;
    private int room;

    @Override
    public void wake() {
        wakes++;
    }

    @Override
    public boolean isWritable() {
        return room > 0;
    }

    @Override
    public void write(byte[] frame) {
        room--;
        written.add(new String(frame, StandardCharsets.UTF_8));
    }

    @Override
    public void close(CloseCode code, @Nullable String reason) {
        closed = new Close(code, reason);
    }

    @Nullable CloseCode closeCode() {
        return closed == null ? null : closed.code();
    }

    /** The reader takes this many frames and then stops again. */
    void read(ConnectionHandle handle, int frames) {
        room = frames;
        handle.drain(this);
        room = 0;
    }

    void readAll(ConnectionHandle handle) {
        read(handle, Integer.MAX_VALUE);
    }
}
