package dev.wingman;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.testing.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
}
