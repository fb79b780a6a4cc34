package dev.wingman.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.testing.WebClient;
import dev.wingman.testing.Yaml;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** The OpenAPI document that a server gives out, and whether its answers are as it says. */
final class Description {
    private final Yaml document;
    private final Set<String> seen = new TreeSet<>();

    private Description(Yaml document) {
        this.document = document;
    }

    static Description of(WebClient server) {
        HttpResponse<byte[]> answer = server.get("/recorder/openapi.yaml");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(WebClient.header(answer, "content-type")).isEqualTo("application/yaml");
        return new Description(yaml(answer, "openapi.yaml"));
    }

    /** JSON is YAML. */
    private static Yaml yaml(HttpResponse<byte[]> answer, String place) {
        return Yaml.parse(new String(answer.body(), StandardCharsets.UTF_8), place);
    }

    /** The answer is one of those described for the path, which is given as the document has it. */
    void covers(String path, HttpResponse<byte[]> answer) {
        String method = answer.request().method().toLowerCase(Locale.ROOT);
        String status = String.valueOf(answer.statusCode());
        String place = method + " " + path + " " + status;
        seen.add(place);
        Yaml response = resolved(document.at("paths", path, method, "responses", status));
        if (!response.has("content")) {
            assertThat(answer.body()).as(place).isEmpty();
            return;
        }
        String type = WebClient.header(answer, "content-type");
        Yaml schema = response.at("content", type, "schema");
        check(yaml(answer, place), schema);
    }

    /** What is described: method, path and status. */
    Set<String> described() {
        Set<String> all = new TreeSet<>();
        for (String path : document.at("paths").keys()) {
            for (String method : document.at("paths", path).keys()) {
                if (!method.equals("parameters")) {
                    document.at("paths", path, method, "responses")
                            .keys()
                            .forEach(status -> all.add(method + " " + path + " " + status));
                }
            }
        }
        return all;
    }

    /** What was covered, as in {@link #described}. */
    Set<String> seen() {
        return seen;
    }

    private Yaml resolved(Yaml place) {
        return place.has("$ref")
                ? document.at(place.at("$ref").text().substring("#/".length()).split("/", -1))
                : place;
    }

    private void check(Yaml value, Yaml schema) {
        Set<String> known = conform(value, schema);
        if (!known.isEmpty()) {
            assertThat(known).as(value.place()).containsAll(value.keys());
        }
    }

    /**
     * @return the properties that the schema knows
     */
    private Set<String> conform(Yaml value, Yaml reference) {
        Yaml schema = resolved(reference);
        Set<String> known = new HashSet<>();
        schema.items("allOf").forEach(each -> known.addAll(conform(value, each)));
        if (schema.has("enum")) {
            assertThat(schema.items("enum")).extracting(Yaml::text).contains(value.text());
        }
        switch (schema.has("type") ? schema.at("type").text() : "") {
            case "object" -> {
                schema.items("required").forEach(name -> value.at(name.text()));
                Yaml properties = schema.at("properties");
                known.addAll(properties.keys());
                for (String name : properties.keys()) {
                    if (value.has(name)) {
                        check(value.at(name), properties.at(name));
                    }
                }
            }
            case "array" -> value.each().forEach(item -> check(item, schema.at("items")));
            case "integer" -> assertThat(value.value()).isInstanceOfAny(Integer.class, Long.class);
            case "string" -> {
                if (schema.has("format")) {
                    assertThat(OffsetDateTime.parse(value.text())).isNotNull();
                }
            }
            default -> assertThat(schema.has("allOf")).as(schema.place()).isTrue();
        }
        return known;
    }
}
