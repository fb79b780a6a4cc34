package dev.wingman.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * All sockets of the load on one thread: the caller's, which turns the loop. The generator shares
 * the processors with the server, so it does as little as it can for each message.
 *
 * <p>Confined to one thread.
 */
final class Generator implements AutoCloseable {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final long NANOS_PER_MILLI = 1_000_000;

    /** Selectors wait in whole milliseconds; shorter waits are naps between two looks. */
    private static final long NAP_NANOS = 20_000;

    private static final int READ_BYTES = 256 << 10;

    private final InetSocketAddress server;
    private final Selector selector = Selector.open();
    private final byte[] readBytes = new byte[READ_BYTES];
    private final List<Socket> unsent = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(42);
    private final Sources sources = new Sources();

    Generator(InetSocketAddress server) throws IOException {
        this.server = server;
    }

    /** Begins to open a WebSocket; the listener hears when it is open. */
    Socket connect(Socket.Listener listener) throws IOException {
        var channel = SocketChannel.open(StandardProtocolFamily.INET);
        channel.configureBlocking(false);
        // Reset at the end instead of TIME_WAIT, which would use up the ports.
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.bind(new InetSocketAddress(sources.next(), 0));
        var socket = new Socket(this, channel, listener);
        SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT, socket);
        socket.begin(key, server);
        return socket;
    }

    /** Where every socket reads into, before it hands on what it has read. */
    byte[] readBytes() {
        return readBytes;
    }

    int nextMask() {
        return random.nextInt() | 1;
    }

    void sendLater(Socket socket) {
        unsent.add(socket);
    }

    /** Sends what is to be sent, waits for news at most so long, and passes it on. */
    void turn(long waitNanos) throws IOException {
        send();
        if (waitNanos >= NANOS_PER_MILLI) {
            selector.select(waitNanos / NANOS_PER_MILLI);
        } else {
            if (selector.selectNow() == 0 && waitNanos > 0) {
                LockSupport.parkNanos(Math.min(waitNanos, NAP_NANOS));
                selector.selectNow();
            }
        }
        for (SelectionKey key : selector.selectedKeys()) {
            ((Socket) key.attachment()).ready();
        }
        selector.selectedKeys().clear();
        send();
    }

    /** Turns the loop for so long. */
    void turnFor(Duration time) throws IOException {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            turn(Math.max(left, NANOS_PER_MILLI));
        }
    }

    /** Turns the loop until the condition holds. */
    void turnUntil(BooleanSupplier condition, Duration limit) throws IOException {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                throw new IllegalStateException("nothing more came within " + limit);
            }
            turn(Math.max(left, NANOS_PER_MILLI));
        }
    }

    /** Calls the action at fixed times, and when it is late with the time at which it was due. */
    void pace(double perSecond, Duration time, LongConsumer action) throws IOException {
        double intervalNanos = NANOS_PER_SECOND / perSecond;
        long total = (long) (time.toNanos() / intervalNanos);
        long began = System.nanoTime();
        long done = 0;
        while (done < total) {
            long now = System.nanoTime();
            long due = began + (long) (done * intervalNanos);
            if (due <= now) {
                action.accept(due);
                done++;
            } else {
                turn(due - now);
            }
        }
    }

    private void send() throws IOException {
        for (Socket socket : unsent) {
            socket.send();
        }
        unsent.clear();
    }

    @Override
    public void close() throws IOException {
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }
}
