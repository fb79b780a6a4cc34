package dev.wingman.bench;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Addresses to connect from: one loopback address has too few ports for a storm of connections. */
final class Sources {
    private int given;

    InetAddress next() throws UnknownHostException {
        given++;
        byte middle = (byte) (1 + (given >> 7) % 250);
        byte last = (byte) (1 + given % 127);
        return InetAddress.getByAddress(new byte[] {127, 1, middle, last});
    }
}
