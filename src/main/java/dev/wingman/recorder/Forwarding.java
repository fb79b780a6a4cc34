package dev.wingman.recorder;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Which headers go on to the other side: all but those that belong to one connection. */
final class Forwarding {
    /** Names the recording; clients of two other tools use the others. */
    static final List<String> NAME_HEADERS =
            List.of("x-wingman-recording", "x-ouli-test-name", "test-name");

    private static final Set<String> HOP_BY_HOP =
            Set.of(
                    "connection",
                    "keep-alive",
                    "proxy-connection",
                    "proxy-authenticate",
                    "proxy-authorization",
                    "te",
                    "transfer-encoding",
                    "upgrade",
                    "http2-settings");

    private Forwarding() {}

    /** Headers of a request without those of the connection, the host and the recording's name. */
    static List<Header> ofRequest(MultiMap headers) {
        return without(
                headers, Set.of("host", "x-wingman-recording", "x-ouli-test-name", "test-name"));
    }

    /** Headers of an answer without those of the connection. */
    static List<Header> ofAnswer(MultiMap headers) {
        return without(headers, Set.of());
    }

    private static List<Header> without(MultiMap headers, Set<String> more) {
        Set<String> dropped = new HashSet<>(more);
        for (String value : headers.getAll("connection")) {
            for (String name : value.split(",", -1)) {
                dropped.add(name.strip().toLowerCase(Locale.ROOT));
            }
        }
        List<Header> kept = new ArrayList<>();
        for (Map.Entry<String, String> header : headers) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (!HOP_BY_HOP.contains(name) && !dropped.contains(name) && !name.startsWith(":")) {
                kept.add(new Header(header.getKey(), header.getValue()));
            }
        }
        return kept;
    }

    static void put(List<Header> headers, MultiMap target) {
        for (Header header : headers) {
            target.add(header.name(), header.value());
        }
    }

    /** Path and query, also where a client writes a whole URL as a proxy's clients do. */
    static String target(HttpServerRequest request) {
        String uri = request.uri();
        int scheme = uri.startsWith("/") ? -1 : uri.indexOf("://");
        if (scheme < 0) {
            return uri;
        }
        int path = uri.indexOf('/', scheme + 3);
        return path < 0 ? "/" : uri.substring(path);
    }
}
