package dev.wingman;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the specification map names is there. */
class SpecificationMapTest {
    private static final Path MAP = Path.of("src/docs/decisions/0001-specification-map.md");

    /** {@code `Type`}, {@code `Type.member`}, and {@code `.member`} of the type named before. */
    private static final Pattern NAME =
            Pattern.compile("`(?:([A-Z][A-Za-z]+)(?:\\.([A-Za-z]\\w+))?|\\.([A-Za-z]\\w+))`");

    private static final Pattern LATER =
            Pattern.compile(
                    "with the running cluster, package cluster(\\.membership|\\.partition)?\\b");

    private final Map<String, String> sources = sources();

    @Test
    void everyTypeTestAndMemberThatIsNamedExists() throws IOException {
        List<String> missing = new ArrayList<>();
        String type = "";
        int named = 0;

        for (Matcher name = NAME.matcher(Files.readString(MAP)); name.find(); named++) {
            type = name.group(1) == null ? type : name.group(1);
            String member = name.group(1) == null ? name.group(3) : name.group(2);
            String source = sources.getOrDefault(type, "");
            if (source.isEmpty() || (member != null && !declares(source, member))) {
                missing.add(name.group());
            }
        }

        assertThat(missing).isEmpty();
        assertThat(named).isGreaterThan(100);
    }

    /** A row has a type, or the package in which one will be. */
    @Test
    void everyNameOfTheClusterModuleHasARow() throws IOException {
        String map = Files.readString(MAP);
        List<String> rows =
                map.substring(map.indexOf("## The cluster module"), map.indexOf("Beside them:"))
                        .lines()
                        .filter(line -> line.startsWith("| ") && !line.startsWith("| name "))
                        .toList();

        assertThat(rows.stream().map(row -> row.substring(2, row.indexOf(" |", 2))).distinct())
                .hasSize(50);
        assertThat(rows).allMatch(row -> NAME.matcher(row).find() || LATER.matcher(row).find());
    }

    private static boolean declares(String source, String member) {
        return Pattern.compile("(void|record|boolean|int|List<\\w+>) " + member + "\\(")
                .matcher(source)
                .find();
    }

    /** By the name of their type. */
    private static Map<String, String> sources() {
        var sources = new TreeMap<String, String>();
        for (String root : List.of("src/main/java", "src/test/java")) {
            try (Stream<Path> files = Files.walk(Path.of(root))) {
                for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    String name = file.getFileName().toString();
                    sources.put(
                            name.substring(0, name.length() - ".java".length()),
                            Files.readString(file));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return sources;
    }
}
