package dev.wingman.recorder;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells people why a request was not answered from its recording: the recorded request that is most
 * like it, and where the two differ. Both have been redacted. Blocks on the disk.
 */
final class Miss {
    /** Recorded requests that are compared; a recording may have tens of thousands. */
    private static final int MAX_COMPARED = 1000;

    private static final int MAX_TEXT = 512;

    private Miss() {}

    private record Difference(String part, String recorded, String received) {}

    static Refusal explain(
            RecordingName name,
            @Nullable Playback playback,
            RecorderOptions.Endpoint endpoint,
            RecordedRequest request)
            throws IOException {
        var more = new JsonObject().put("recording", name.value()).put("request", text(request));
        if (playback == null) {
            return new Refusal(404, "there is no recording \"" + name.value() + "\"", more);
        }
        Interaction nearest = null;
        List<Difference> differences = List.of();
        RecordedRequest recorded = null;
        List<Interaction> all = playback.file().interactions();
        for (Interaction each : all.subList(0, Math.min(MAX_COMPARED, all.size()))) {
            if (!each.endpoint().equals(endpoint.name())) {
                continue;
            }
            RecordedRequest candidate = playback.request(each).request();
            List<Difference> found = differences(candidate, request, endpoint.matchHeaders());
            if (nearest == null || weight(found) < weight(differences)) {
                nearest = each;
                differences = found;
                recorded = candidate;
            }
        }
        if (nearest == null || recorded == null) {
            return new Refusal(404, "nothing is recorded for this endpoint", more);
        }
        more.put(
                "nearest",
                new JsonObject()
                        .put("number", nearest.order())
                        .put("request", text(recorded))
                        .put("differences", json(differences)));
        String detail =
                differences.isEmpty()
                        ? "this request came more often than it was recorded"
                        : "this request is not recorded; the nearest one differs in "
                                + String.join(
                                        ", ", differences.stream().map(Difference::part).toList());
        return new Refusal(404, detail, more);
    }

    static Refusal outOfOrder(
            RecordingName name, @Nullable Playback playback, @Nullable Interaction expected)
            throws IOException {
        var more = new JsonObject().put("recording", name.value());
        if (expected == null || playback == null) {
            return new Refusal(409, "the recording is at its end", more);
        }
        more.put(
                "expected",
                new JsonObject()
                        .put("number", expected.order())
                        .put("request", text(playback.request(expected).request())));
        return new Refusal(409, "this request is recorded, but another one comes next", more);
    }

    private static String text(RecordedRequest request) {
        return shortened(request.method() + " " + request.target());
    }

    private static String shortened(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "...";
    }

    private static JsonArray json(List<Difference> differences) {
        var array = new JsonArray();
        for (Difference each : differences) {
            array.add(
                    new JsonObject()
                            .put("part", each.part)
                            .put("recorded", shortened(each.recorded))
                            .put("received", shortened(each.received)));
        }
        return array;
    }

    /** A request to another path is further off than one with another body. */
    private static int weight(List<Difference> differences) {
        int weight = 0;
        for (Difference each : differences) {
            weight +=
                    switch (each.part) {
                        case "method" -> 4;
                        case "path" -> 8;
                        default -> 1;
                    };
        }
        return weight;
    }

    private static List<Difference> differences(
            RecordedRequest recorded, RecordedRequest received, Set<String> matchHeaders) {
        List<Difference> found = new ArrayList<>();
        compare("method", recorded.method(), received.method(), found);
        compare("path", recorded.path(), received.path(), found);
        compare(
                "query",
                String.join("&", recorded.queryPairs()),
                String.join("&", received.queryPairs()),
                found);
        compare(
                "headers",
                recorded.matched(matchHeaders).toString(),
                received.matched(matchHeaders).toString(),
                found);
        if (!Arrays.equals(recorded.bodyHash(), received.bodyHash())) {
            found.add(
                    new Difference(
                            "body",
                            new String(recorded.bodyStart(), StandardCharsets.UTF_8),
                            new String(received.bodyStart(), StandardCharsets.UTF_8)));
        }
        return found;
    }

    private static void compare(
            String part, String recorded, String received, List<Difference> found) {
        if (!recorded.equals(received)) {
            found.add(new Difference(part, recorded, received));
        }
    }
}
