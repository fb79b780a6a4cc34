package dev.wingman.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What an overlay of {@code k8s/} sends to a cluster. Knows as much of kustomize as is used there
 * and refuses the rest; the hashes in the names of what is generated are left out.
 */
public final class Manifests {
    private static final Path ROOT = Path.of("k8s");
    private static final Set<String> KNOWN =
            Set.of(
                    "apiVersion",
                    "kind",
                    "namespace",
                    "resources",
                    "replicas",
                    "images",
                    "configMapGenerator",
                    "secretGenerator");

    private final List<Yaml> all = new ArrayList<>();
    private final Set<Path> read = new TreeSet<>();

    private Manifests() {}

    /**
     * @param name of a folder in {@code k8s/}
     */
    public static Manifests of(String name) {
        var manifests = new Manifests();
        manifests.add(ROOT.resolve(name));
        return manifests;
    }

    /** Every file that belongs to a deployment, whether it is used or not. */
    public static Set<Path> files() {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return new TreeSet<>(files.filter(Files::isRegularFile).toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The files it is made of. */
    public Set<Path> read() {
        return Set.copyOf(read);
    }

    public List<Yaml> all() {
        return List.copyOf(all);
    }

    public List<Yaml> all(String kind) {
        return all.stream().filter(each -> each.at("kind").text().equals(kind)).toList();
    }

    /** The only one of its kind. */
    public Yaml the(String kind) {
        List<Yaml> found = all(kind);
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " of " + kind);
        }
        return found.getFirst();
    }

    private void add(Path folder) {
        Path file = folder.resolve("kustomization.yaml");
        Yaml kustomization = Yaml.read(file).getFirst();
        read.add(file);
        if (!KNOWN.containsAll(kustomization.keys())) {
            throw new AssertionError(file + " uses more of kustomize: " + kustomization.keys());
        }
        for (Yaml resource : kustomization.items("resources")) {
            Path path = folder.resolve(resource.text()).normalize();
            if (Files.isDirectory(path)) {
                add(path);
            } else {
                read.add(path);
                all.addAll(Yaml.read(path));
            }
        }
        for (Yaml map : kustomization.items("configMapGenerator")) {
            var data = new LinkedHashMap<String, String>();
            for (Yaml source : map.items("files")) {
                data.put(source.text(), content(folder.resolve(source.text())));
            }
            all.add(generated("ConfigMap", map, "data", data));
        }
        for (Yaml secret : kustomization.items("secretGenerator")) {
            var data = new LinkedHashMap<String, String>();
            for (Yaml source : secret.items("envs")) {
                content(folder.resolve(source.text()))
                        .lines()
                        .filter(line -> !line.startsWith("#"))
                        .map(line -> line.split("=", 2))
                        .forEach(pair -> data.put(pair[0], pair[1]));
            }
            all.add(generated("Secret", secret, "stringData", data));
        }
    }

    private String content(Path file) {
        read.add(file);
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Yaml generated(
            String kind, Yaml generator, String field, Map<String, String> data) {
        var metadata = Map.of("name", generator.at("name").text());
        return new Yaml(
                Map.of("apiVersion", "v1", "kind", kind, "metadata", metadata, field, data),
                generator.place());
    }
}
