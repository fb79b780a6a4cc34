package dev.wingman.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a server says of itself at {@code GET /metrics}. */
record Figures(List<String> lines) {
    static Figures of(InetSocketAddress server) throws IOException {
        URI metrics = URI.create("http://127.0.0.1:" + server.getPort() + "/metrics");
        URLConnection connection = metrics.toURL().openConnection();
        connection.setRequestProperty("Accept", "text/plain");
        try (InputStream in = connection.getInputStream()) {
            return new Figures(
                    new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
        }
    }

    boolean has(String name) {
        return lines.stream().anyMatch(line -> isOf(name, line));
    }

    /**
     * @param tag that the samples must have, as {@code id="direct"}; empty for all of them
     */
    double sum(String name, String tag) {
        if (!has(name)) {
            throw new IllegalStateException("the server has no metric " + name);
        }
        return lines.stream()
                .filter(line -> isOf(name, line) && line.contains(tag))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private static boolean isOf(String name, String line) {
        return line.startsWith(name + "{") || line.startsWith(name + " ");
    }
}
