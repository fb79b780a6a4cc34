package dev.wingman.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * A place in a YAML document. Whatever is asked for must be there; the failure says where it is
 * not.
 *
 * @param place such as {@code statefulset.yaml spec.replicas}
 */
public record Yaml(Object value, String place) {
    /** The documents of a file. */
    public static List<Yaml> read(Path file) {
        try {
            var documents = parser().loadAll(Files.readString(file)).spliterator();
            return StreamSupport.stream(documents, false)
                    .map(document -> new Yaml(document, file.toString()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * One document.
     *
     * @param place what to call it
     */
    public static Yaml parse(String text, String place) {
        return new Yaml(parser().load(text), place);
    }

    private static org.yaml.snakeyaml.Yaml parser() {
        var options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        return new org.yaml.snakeyaml.Yaml(new SafeConstructor(options));
    }

    /** What lies below, by one key after the other. */
    public Yaml at(String... keys) {
        Yaml found = this;
        for (String key : keys) {
            String deeper = found.place + " " + key;
            Object value = found.map().get(key);
            if (value == null) {
                throw new AssertionError("nothing at " + deeper);
            }
            found = new Yaml(value, deeper);
        }
        return found;
    }

    public boolean has(String key) {
        return map().containsKey(key);
    }

    public Collection<String> keys() {
        return map().keySet();
    }

    /** The items of a list; none when there is no such list. */
    public List<Yaml> items(String key) {
        return has(key) ? at(key).each().toList() : List.of();
    }

    /** The items of this list. */
    public Stream<Yaml> each() {
        if (value instanceof List<?> list) {
            return list.stream().map(item -> new Yaml(item, place + " -"));
        }
        throw new AssertionError("no list at " + place);
    }

    /** The item of a list that has this name. */
    public Yaml named(String key, String name) {
        return items(key).stream()
                .filter(item -> item.at("name").text().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " at " + place + " " + key));
    }

    public String text() {
        if (value instanceof String text) {
            return text;
        }
        throw new AssertionError("no text at " + place + " but " + value);
    }

    public int number() {
        if (value instanceof Integer number) {
            return number;
        }
        throw new AssertionError("no number at " + place + " but " + value);
    }

    /** Its keys and values, which are texts. */
    @SuppressWarnings("unchecked") // the assertion before
    public Map<String, String> texts() {
        if (map().values().stream().allMatch(String.class::isInstance)) {
            return (Map<String, String>) value;
        }
        throw new AssertionError("not all texts at " + place);
    }

    @SuppressWarnings("unchecked") // SnakeYAML's keys are texts in all that Kubernetes reads
    private Map<String, Object> map() {
        if (value instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        throw new AssertionError("no map at " + place + " but " + value);
    }
}
