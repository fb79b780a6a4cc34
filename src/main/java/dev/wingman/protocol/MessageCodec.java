package dev.wingman.protocol;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * Between MessagePack and messages. Values stay opaque: they are cut out of the frame and put into
 * others byte for byte.
 *
 * <p>Thread-safe.
 */
public final class MessageCodec {
    private final RequestReader requests;
    private final SyncRequestReader syncRequests;

    public MessageCodec(WireLimits limits) {
        requests = new RequestReader(limits);
        syncRequests = new SyncRequestReader(limits);
    }

    /** What a client's frame says. Never throws, whatever the bytes. */
    public Decoded decode(byte[] frame) {
        try (WireReader in = WireReader.over(frame)) {
            Structure.check(frame, 0, frame.length);
            return requests.read(in);
        } catch (ProtocolException e) {
            return new Decoded.Malformed(e.getMessage());
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    /**
     * The body of POST /sync.
     *
     * @throws ProtocolException when it breaks a rule; nothing of it is then to be done
     */
    public SyncRequest decodeSyncRequest(byte[] body) {
        if (body.length == 0) {
            return SyncRequest.EMPTY;
        }
        try (WireReader in = WireReader.over(body)) {
            Structure.check(body, 0, body.length);
            return syncRequests.read(in);
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    /**
     * What another node's frame says; empty for a type that the protocol does not know, which is to
     * be ignored.
     *
     * @throws ProtocolException when it breaks a rule: whoever sent it is no node of ours
     */
    public Optional<PeerMessage> decodePeer(byte[] frame) {
        try (WireReader in = WireReader.over(frame)) {
            Structure.check(frame, 0, frame.length);
            return PeerMessageReader.read(in);
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    public byte[] encode(PeerMessage message) {
        return WireWriter.encode(out -> new PeerMessageWriter(out).write(message));
    }

    public byte[] encode(ServerMessage message) {
        return WireWriter.encode(out -> new ServerMessageWriter(out).write(message));
    }

    public byte[] encode(SyncResponse response) {
        return WireWriter.encode(out -> new SyncResponseWriter(out).write(response));
    }

    /** The library's interface allows for streams; an array in memory does not fail. */
    private static UncheckedIOException unreachable(IOException e) {
        return new UncheckedIOException(e);
    }
}
