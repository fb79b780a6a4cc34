package dev.wingman.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket of the load, by hand over a plain channel. Fails when the server does anything but
 * send whole binary messages.
 *
 * <p>Confined to the generator's thread.
 */
final class Socket {
    /** Hears what happens to a socket. */
    interface Listener {
        void opened(Socket socket) throws IOException;

        /** The bytes are only lent. */
        void message(Socket socket, byte[] bytes, int offset, int length) throws IOException;
    }

    private static final int FINAL_BINARY = 0x82;
    private static final int CLOSE = 0x88;
    private static final int MASKED = 0x80;
    private static final int LENGTH_IN_2_BYTES = 126;
    private static final int MAX_HEADER_BYTES = 8;
    private static final int INITIAL_BYTES = 512;
    private static final byte[] NOTHING = {};

    private static final String KEY = "d2luZ21hbiBiZW5jaCBydQ==";
    private static final String ACCEPT = accept();

    private final Generator generator;
    private final SocketChannel channel;
    private final Listener listener;
    private ByteBuffer out = ByteBuffer.allocate(INITIAL_BYTES);
    private byte[] unread = NOTHING;
    private boolean upgraded;
    private boolean announced;
    private @Nullable SelectionKey key;

    Socket(Generator generator, SocketChannel channel, Listener listener) {
        this.generator = generator;
        this.channel = channel;
        this.listener = listener;
    }

    /** RFC 6455, section 4.2.2. */
    private static String accept() {
        try {
            byte[] answer = (KEY + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(ISO_8859_1);
            byte[] hash = MessageDigest.getInstance("SHA-1").digest(answer);
            return "sec-websocket-accept: " + Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }

    void begin(SelectionKey registered, InetSocketAddress server) throws IOException {
        key = registered;
        String request =
                "GET /ws HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        .formatted(server.getHostString(), server.getPort());
        out.put(request.getBytes(ISO_8859_1));
        out.put("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ".getBytes(ISO_8859_1));
        out.put((KEY + "\r\n\r\n").getBytes(ISO_8859_1));
        if (channel.connect(server)) {
            connected();
        }
    }

    private void connected() {
        interest(SelectionKey.OP_READ);
        announce();
    }

    /** The channel can do what it was waiting for. */
    void ready() throws IOException {
        if (!channel.isOpen()) {
            return;
        }
        if (channel.isConnectionPending()) {
            if (channel.finishConnect()) {
                connected();
            }
            return;
        }
        if (out.position() > 0) {
            send();
        }
        read();
    }

    private void read() throws IOException {
        byte[] bytes = generator.readBytes();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        in.put(unread);
        unread = NOTHING;
        if (channel.read(in) < 0) {
            throw new IllegalStateException("the server cut a connection");
        }
        in.flip();
        if (!upgraded) {
            readUpgrade(bytes, in);
        }
        while (upgraded && channel.isOpen() && readFrame(bytes, in)) {
            // Every turn takes one frame.
        }
        if (in.hasRemaining() && channel.isOpen()) {
            unread = new byte[in.remaining()];
            in.get(unread);
        }
    }

    private void readUpgrade(byte[] bytes, ByteBuffer in) throws IOException {
        String head = new String(bytes, 0, in.limit(), ISO_8859_1);
        int end = head.indexOf("\r\n\r\n");
        if (end < 0) {
            return;
        }
        if (!head.startsWith("HTTP/1.1 101 ") || !acceptsIn(head.substring(0, end))) {
            throw new IllegalStateException("no upgrade: " + head);
        }
        in.position(end + 4);
        upgraded = true;
        listener.opened(this);
    }

    private static boolean acceptsIn(String head) {
        return head.toLowerCase(Locale.ROOT).contains(ACCEPT.toLowerCase(Locale.ROOT));
    }

    /**
     * @return false when the frame is not all there
     */
    private boolean readFrame(byte[] bytes, ByteBuffer in) throws IOException {
        int start = in.position();
        if (in.remaining() < 4) {
            return false;
        }
        int first = in.get() & 0xFF;
        int length = in.get();
        if (length == LENGTH_IN_2_BYTES) {
            length = in.getShort() & 0xFFFF;
        }
        if (first == CLOSE) {
            throw new IllegalStateException(
                    "closed by the server: " + new String(bytes, in.position(), length, UTF_8));
        }
        if (first != FINAL_BINARY || length < 0 || length > READ_LIMIT) {
            throw new IllegalStateException("frame of type %x, length %d".formatted(first, length));
        }
        if (in.remaining() < length) {
            in.position(start);
            return false;
        }
        int offset = in.position();
        in.position(offset + length);
        listener.message(this, bytes, offset, length);
        return true;
    }

    private static final int READ_LIMIT = 0xFFFF;

    /** Sends a binary message of less than 64 KiB at the end of this turn. */
    void write(byte[] message) {
        if (out.remaining() < MAX_HEADER_BYTES + message.length) {
            int needed = out.position() + MAX_HEADER_BYTES + message.length;
            out = ByteBuffer.allocate(2 * needed).put(out.flip());
        }
        out.put((byte) FINAL_BINARY);
        if (message.length < LENGTH_IN_2_BYTES) {
            out.put((byte) (MASKED | message.length));
        } else {
            out.put((byte) (MASKED | LENGTH_IN_2_BYTES)).putShort((short) message.length);
        }
        int mask = generator.nextMask();
        out.putInt(mask);
        putMasked(message, mask);
        announce();
    }

    private void putMasked(byte[] message, int mask) {
        ByteBuffer in = ByteBuffer.wrap(message);
        long wideMask = (long) mask << Integer.SIZE | (mask & 0xFFFF_FFFFL);
        while (in.remaining() >= Long.BYTES) {
            out.putLong(in.getLong() ^ wideMask);
        }
        for (int shift = 56; in.hasRemaining(); shift -= 8) {
            out.put((byte) (in.get() ^ wideMask >>> shift));
        }
    }

    private void announce() {
        if (!announced && channel.isConnected()) {
            announced = true;
            generator.sendLater(this);
        }
    }

    void send() throws IOException {
        announced = false;
        if (!channel.isOpen()) {
            return;
        }
        out.flip();
        channel.write(out);
        out.compact();
        interest(
                out.position() > 0
                        ? SelectionKey.OP_READ | SelectionKey.OP_WRITE
                        : SelectionKey.OP_READ);
    }

    private void interest(int operations) {
        SelectionKey registered = key;
        if (registered != null && registered.interestOps() != operations) {
            registered.interestOps(operations);
        }
    }

    /** Stays open and takes nothing any more, as a client that hangs. */
    void stopReading() {
        interest(0);
    }

    /** Resets the connection. */
    void abort() throws IOException {
        channel.close();
    }
}
