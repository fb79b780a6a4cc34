package dev.wingman.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.wingman.security.RefusedException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON that people hang on to things: kept as it is, and never looked into. Fractions have the
 * precision of a {@code double}.
 */
final class Metadata {
    private static final int MAX_BYTES = 64 * 1024;
    private static final JsonMapper MAPPER = new JsonMapper();

    private Metadata() {}

    /**
     * @throws RefusedException for what is too large or cannot be stored
     */
    static @Nullable String write(@Nullable JsonNode metadata) {
        if (metadata == null || metadata.isNull()) {
            return null;
        }
        requireStorable(metadata);
        String json = metadata.toString();
        if (json.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw RefusedException.invalid("metadata", "must have at most 64 KiB");
        }
        return json;
    }

    private static void requireStorable(JsonNode node) {
        boolean isStorable = !node.isTextual() || StrictJson.isStorable(node.textValue());
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            isStorable &= StrictJson.isStorable(field.getKey());
        }
        if (!isStorable) {
            throw new RefusedException(
                    RefusedException.Kind.MALFORMED,
                    "malformed_json",
                    "metadata: text must be without NUL and without halves of characters");
        }
        if (node.isDouble() && !Double.isFinite(node.doubleValue())) { // it would become a text
            throw RefusedException.invalid("metadata", "has a number that is too large");
        }
        node.forEach(Metadata::requireStorable);
    }

    static @Nullable JsonNode read(@Nullable String stored) {
        if (stored == null) {
            return null;
        }
        try {
            return MAPPER.readTree(stored);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("stored metadata is damaged", e);
        }
    }
}
