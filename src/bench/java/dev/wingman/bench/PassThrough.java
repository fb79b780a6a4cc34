package dev.wingman.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * The least that stands between a client and a target: copies bytes, understands none. A connection
 * to the target for each of a client's, two virtual threads for both. Runs as a {@link Companion}
 * with the target's port as its argument.
 */
final class PassThrough {
    private static final int BACKLOG = 4096;
    private static final int BUFFER_BYTES = 4096;

    private final InetSocketAddress target;

    private PassThrough(InetSocketAddress target) {
        this.target = target;
    }

    public static void main(String... args) throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        var listener = new ServerSocket(0, BACKLOG, loopback);
        var target = new InetSocketAddress(loopback, Integer.parseInt(args[0]));
        Thread.ofVirtual().start(() -> new PassThrough(target).accept(listener));
        Companion.serve(listener.getLocalPort());
    }

    private void accept(ServerSocket listener) {
        var sources = new Sources();
        while (true) {
            try {
                Socket client = listener.accept();
                InetAddress source = sources.next();
                Thread.ofVirtual().start(() -> connect(client, source));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void connect(Socket client, InetAddress source) {
        try (client;
                var upstream = new Socket()) {
            client.setTcpNoDelay(true);
            upstream.setTcpNoDelay(true);
            upstream.setSoLinger(true, 0); // no TIME_WAIT, which would use up the ports
            upstream.bind(new InetSocketAddress(source, 0));
            upstream.connect(target);
            Thread.ofVirtual().start(() -> copy(upstream, client));
            copy(client, upstream);
        } catch (IOException e) {
            // Clients of the bench end their connections by a reset.
        }
    }

    private static void copy(Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            var in = from.getInputStream();
            var out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                out.write(buffer, 0, n);
            }
        } catch (IOException e) {
            // As above.
        }
    }
}
