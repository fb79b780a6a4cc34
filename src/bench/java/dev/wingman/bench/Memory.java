package dev.wingman.bench;

import java.io.IOException;
import java.util.Locale;

/**
 * What a server takes at one moment.
 *
 * @param rssKib resident
 * @param heapKib of that the Java heap in use; zero where that is not known
 */
record Memory(long rssKib, long heapKib) {
    /** Without the garbage, where the server can be told to collect it. */
    static Memory settled(ServerProcess server) throws IOException {
        server.settle();
        return new Memory(server.rssKib(), server.heapKib());
    }

    /** Resident memory of each of so many connections. */
    double eachKib(Memory without, int connections) {
        return (double) (rssKib - without.rssKib) / connections;
    }

    /** The same in words. */
    String each(Memory without, int connections) {
        return String.format(
                Locale.ROOT,
                "%.1f KiB RSS (%d MiB, %d without them); %s",
                eachKib(without, connections),
                rssKib / 1024,
                without.rssKib / 1024,
                heap(without, connections));
    }

    private String heap(Memory without, int connections) {
        return heapKib == 0
                ? "garbage included"
                : String.format(
                        Locale.ROOT,
                        "live heap %.1f KiB",
                        (double) (heapKib - without.heapKib) / connections);
    }
}
