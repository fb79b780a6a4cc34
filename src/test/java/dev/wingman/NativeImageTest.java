package dev.wingman;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.testing.Yaml;
import java.io.IOException;
import java.io.Reader;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeModel;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.PermittedSubclassesAttribute;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the native image is told is true, and people are told it too. */
class NativeImageTest {
    private static final Path METADATA =
            Path.of("src/main/resources/META-INF/native-image/dev.wingman/wingman");

    /** JSON is YAML. */
    private final Yaml metadata =
            Yaml.read(METADATA.resolve("reachability-metadata.json")).getFirst();

    /** The build of an image passes in silence over what it does not find. */
    @Test
    void everyConstructorThatIsRegisteredExists() throws ClassNotFoundException {
        for (Yaml type : metadata.items("reflection")) {
            List<List<String>> constructors = constructors(type.at("type").text());

            assertThat(type.items("methods")).isNotEmpty();
            for (Yaml method : type.items("methods")) {
                assertThat(method.at("name").text()).isEqualTo("<init>");
                assertThat(constructors)
                        .as(type.place())
                        .contains(method.items("parameterTypes").stream().map(Yaml::text).toList());
            }
        }
    }

    /** The names of the types of their parameters. */
    private static List<List<String>> constructors(String type) throws ClassNotFoundException {
        return Stream.of(Class.forName(type).getDeclaredConstructors())
                .map(each -> Stream.of(each.getParameterTypes()).map(Class::getName).toList())
                .toList();
    }

    private static final Pattern TOLD_IN_CODE =
            Pattern.compile(
                    "@(?:RegisterForReflection|TargetClass)\\b[^{]*?\\b(?:record|class) (\\w+)");

    @Test
    void whatTheCodeAndTheOptionsTellStandsInTheDocumentToo() throws IOException {
        String document = Files.readString(Path.of("src/docs/native.md"));
        var told = new TreeSet<String>();
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            for (Path source : (Iterable<Path>) sources.filter(Files::isRegularFile)::iterator) {
                TOLD_IN_CODE
                        .matcher(Files.readString(source))
                        .results()
                        .forEach(each -> told.add(each.group(1)));
            }
        }
        var options = new Properties();
        try (Reader in = Files.newBufferedReader(METADATA.resolve("native-image.properties"))) {
            options.load(in);
        }

        assertThat(told).contains("RocksEnvironment", "ProblemJson");
        assertThat(told).allSatisfy(name -> assertThat(document).contains("`" + name + "`"));
        assertThat(options.stringPropertyNames()).containsExactlyInAnyOrder("Args", "JavaArgs");
        assertThat(options.getProperty("Args")).isEqualTo("--initialize-at-run-time=org.rocksdb");
        assertThat(document).contains("| `org.rocksdb` initialised at run time |");
        assertThat(options.getProperty("JavaArgs")).isEqualTo("-Dvertx.disableWebsockets=true");
        assertThat(document).contains("| `vertx.disableWebsockets` |");
    }

    @Test
    void everythingThatIsRegisteredStandsInTheDocumentWithItsReason() throws IOException {
        String document = Files.readString(Path.of("src/docs/native.md"));

        assertThat(metadata.keys()).containsExactlyInAnyOrder("reflection", "resources");
        for (Yaml type : metadata.items("reflection")) {
            String name = type.at("type").text();
            assertThat(document).contains("`" + name.substring(name.lastIndexOf('.') + 1));
            assertThat(type.at("reason").text()).isNotEmpty();
        }
        for (Yaml resource : metadata.items("resources")) {
            assertThat(document).contains("| `" + resource.at("glob").text() + "` | resource |");
        }
    }

    private static final Pattern KEYED =
            Pattern.compile("(?:Map|(?<!Navigable)Set)<L(dev/wingman/[^;<]+)[;<]");

    /**
     * What the compiler generates for a record are method handles, which the binary interprets: its
     * writes took three times as long.
     */
    @Test
    void theKeysOfMapsAreComparedByCodeOfTheirOwn() throws IOException {
        var keys = new TreeSet<String>();
        var generated = new TreeSet<String>();
        Map<String, List<String>> kinds = new HashMap<>();
        try (Stream<Path> classes = Files.walk(Path.of("target/classes/dev/wingman"))) {
            for (Path file : (Iterable<Path>) classes.filter(Files::isRegularFile)::iterator) {
                ClassModel each = ClassFile.of().parse(file);
                each.fields().forEach(field -> keys.addAll(keys(field)));
                each.findAttribute(Attributes.permittedSubclasses())
                        .ifPresent(sealed ->
                                kinds.put(each.thisClass().asInternalName(), names(sealed)));
                if (each.methods().stream().anyMatch(NativeImageTest::isGeneratedComparison)) {
                    generated.add(each.thisClass().asInternalName());
                }
            }
        }

        List.copyOf(keys).forEach(key -> keys.addAll(kinds.getOrDefault(key, List.of())));
        assertThat(generated).contains("dev/wingman/query/Row");
        assertThat(keys)
                .contains("dev/wingman/protocol/MapName")
                .doesNotContainAnyElementsOf(generated);
    }

    private static List<String> names(PermittedSubclassesAttribute sealed) {
        return sealed.permittedSubclasses().stream().map(ClassEntry::asInternalName).toList();
    }

    private static List<String> keys(FieldModel field) {
        return field.findAttribute(Attributes.signature())
                .map(declared -> KEYED.matcher(declared.signature().stringValue()).results())
                .orElse(Stream.empty())
                .map(found -> found.group(1))
                .toList();
    }

    private static boolean isGeneratedComparison(MethodModel method) {
        String name = method.methodName().stringValue();
        return (name.equals("equals") || name.equals("hashCode"))
                && method.code().stream()
                        .flatMap(CodeModel::elementStream)
                        .anyMatch(InvokeDynamicInstruction.class::isInstance);
    }
}
