package dev.wingman.websocket;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.ext.web.RoutingContext;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Sends every message back, over the writer that the sockets of clients have.
 *
 * <p>Text is for this endpoint alone, as is the check of it: clients of the server send none.
 */
final class EchoEndpoint {
    private static final WriteBuffer BUFFER = new WriteBuffer(128 << 10, 512 << 10);

    /** RFC 6455, section 7.4.1: the payload is not of the message's type. */
    private static final short INVALID_PAYLOAD = 1007;

    private final ServerWebSocket socket;
    private final SocketWriter writer;
    private Buffer message = Buffer.buffer();
    private boolean isText;

    private EchoEndpoint(ServerWebSocket socket, SocketWriter writer) {
        this.socket = socket;
        this.writer = writer;
    }

    static void upgrade(RoutingContext context) {
        HttpConnection connection = context.request().connection();
        context.request()
                .toWebSocket()
                .onSuccess(socket ->
                        new EchoEndpoint(socket, new ChannelWriter(socket, connection, BUFFER))
                                .open())
                .onFailure(context::fail);
    }

    private void open() {
        socket.frameHandler(this::frame);
        writer.begin(violation -> writer.close(violation, "not a WebSocket frame"));
    }

    private void frame(WebSocketFrame frame) {
        if (frame.isBinary() || frame.isText()) {
            isText = frame.isText();
            message = Buffer.buffer();
        } else if (!frame.isContinuation()) {
            return;
        }
        message.appendBuffer(frame.binaryData());
        if (frame.isFinal()) {
            answer();
        }
    }

    private void answer() {
        if (!isText) {
            writer.write(message.getBytes());
            writer.flush();
        } else if (isUtf8(message.getBytes())) {
            var _ = socket.writeFinalTextFrame(message.toString());
        } else {
            var _ = socket.close(INVALID_PAYLOAD, "not UTF-8");
        }
    }

    private static boolean isUtf8(byte[] text) {
        try {
            var _ = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
            return true;
        } catch (CharacterCodingException _) {
            return false;
        }
    }
}
