package dev.wingman.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which methods a path takes, by the description of the API: the framework does not say it (405) or
 * names those of other paths, too (OPTIONS). RFC 9110, 10.2.1, asks for them.
 *
 * <p>Thread-safe.
 */
@Singleton
class PermittedMethods {
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "patch");

    private final ObjectMapper mapper;

    /** Those with the fewest parameters first; read when it is asked for, which is hardly ever. */
    private volatile @Nullable List<Known> paths;

    private record Known(String template, Pattern pattern, Set<String> methods) {
        long parameters() {
            return template.chars().filter(c -> c == '{').count();
        }
    }

    PermittedMethods(ObjectMapper mapper) {
        this.mapper = mapper;
    }

    /** Such as {@code GET, HEAD, OPTIONS}; null for a path at which there is nothing. */
    @Nullable String at(String path) {
        return known().stream()
                .filter(known -> known.pattern().matcher(path).matches())
                .findFirst()
                .map(known -> String.join(", ", known.methods()))
                .orElse(null);
    }

    private List<Known> known() {
        List<Known> present = paths;
        if (present == null) {
            present = read();
            paths = present;
        }
        return present;
    }

    private List<Known> read() {
        JsonNode document;
        try {
            document = mapper.readTree(DocsResource.resource(DocsResource.DOCUMENT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<Known> found = new ArrayList<>();
        for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
            var methods = new TreeSet<>(Set.of("OPTIONS"));
            for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
                if (METHODS.contains(operation.getKey())) {
                    methods.add(operation.getKey().toUpperCase(Locale.ROOT));
                }
            }
            if (methods.contains("GET")) {
                methods.add("HEAD");
            }
            String template = path.getKey();
            found.add(new Known(template, pattern(template), methods));
        }
        found.sort(Comparator.comparingLong(Known::parameters));
        return List.copyOf(found);
    }

    private static Pattern pattern(String template) {
        return Pattern.compile("\\Q" + template.replaceAll("\\{\\w+}", "\\\\E[^/]+\\\\Q") + "\\E");
    }
}
