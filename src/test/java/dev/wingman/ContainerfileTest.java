package dev.wingman;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.testing.Manifests;
import dev.wingman.testing.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That the images agree with the build, the manifests and the process tests. */
class ContainerfileTest {
    private static final String NATIVE = "Containerfile.native";
    private static final String JVM = "Containerfile.jvm";
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)\"");

    private final Yaml pod =
            Manifests.of("single").the("StatefulSet").at("spec", "template", "spec");
    private final Yaml container = pod.named("containers", "wingman");

    /** What follows each of these instructions in the file. */
    private static List<String> all(String file, String instruction) throws IOException {
        return Files.readString(Path.of(file))
                .lines()
                .filter(line -> line.startsWith(instruction + " "))
                .map(line -> line.substring(instruction.length() + 1))
                .toList();
    }

    private static String the(String file, String instruction) throws IOException {
        assertThat(all(file, instruction)).hasSize(1);
        return all(file, instruction).getFirst();
    }

    private static List<String> entrypoint(String file) throws IOException {
        return QUOTED.matcher(the(file, "ENTRYPOINT"))
                .results()
                .map((MatchResult word) -> word.group(1))
                .toList();
    }

    /** Places in the image that something is copied to. */
    private static List<String> copied(String file) throws IOException {
        var places = new ArrayList<String>();
        for (String copy : all(file, "COPY")) {
            String[] words = copy.split(" ", -1);
            String name = words[1].equals("./") ? words[0].replaceFirst(".*/", "") : words[1];
            places.add("/wingman/" + name);
        }
        return places;
    }

    @ParameterizedTest
    @ValueSource(strings = {NATIVE, JVM})
    void isBuiltOnAnImageOfOneVersionWithoutRights(String file) throws IOException {
        assertThat(the(file, "FROM")).matches("[a-z0-9./-]+:\\d[.\\d]*");
        Yaml security = pod.at("securityContext");
        assertThat(the(file, "USER"))
                .isEqualTo(
                        security.at("runAsUser").number()
                                + ":"
                                + security.at("runAsGroup").number());
    }

    @ParameterizedTest
    @ValueSource(strings = {NATIVE, JVM})
    void hasThePortAndTheOneVolumeOfTheManifests(String file) throws IOException {
        assertThat(the(file, "EXPOSE"))
                .isEqualTo(
                        String.valueOf(
                                container.items("ports").getFirst().at("containerPort").number()));
        assertThat(the(file, "VOLUME"))
                .isEqualTo(container.named("volumeMounts", "data").at("mountPath").text());
        assertThat(the(file, "VOLUME")).isEqualTo(the(file, "WORKDIR") + "/data");
        assertThat(container.named("volumeMounts", "config").at("mountPath").text())
                .isEqualTo(the(file, "WORKDIR") + "/config");
    }

    @ParameterizedTest
    @ValueSource(strings = {NATIVE, JVM})
    void startsWhatWasCopied(String file) throws IOException {
        List<String> files =
                entrypoint(file).stream()
                        .filter(word -> word.contains("/wingman/"))
                        .map(word -> word.substring(word.indexOf("/wingman/")))
                        .toList();

        assertThat(files).isNotEmpty();
        for (String each : files) {
            assertThat(copied(file)).anyMatch(place -> (each + "/").startsWith(place + "/"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {NATIVE, JVM})
    void copiesWhatTheBuildMakes(String file) throws IOException {
        String build =
                Files.readString(Path.of("Makefile")).replace("$(dir $@)", "target/image-jvm/");

        for (String copy : all(file, "COPY")) {
            assertThat(build).contains(copy.substring(0, copy.indexOf(' ')));
        }
        assertThat(build)
                .contains(
                        "cp -p $(RUN_JAR) target/librocksdbjnijni-*.so target/libsqlitejdbc.so"
                                + " target/image-jvm/app");
        assertThat(Files.readString(Path.of("pom.xml")))
                .contains("<outputDirectory>${project.build.directory}</outputDirectory>");
    }

    /** The process tests run {@code make}'s binary, and the jar, with these same words. */
    @Test
    void theEntrypointsAreWhatTheProcessTestsRun() throws IOException {
        assertThat(entrypoint(NATIVE)).hasSize(1);
        assertThat(all(NATIVE, "COPY")).contains("target/wingman-runner wingman");
        assertThat(Files.readString(Path.of("Makefile")))
                .contains("BINARY = target/wingman-runner")
                .contains("-Dwingman.package=\"$(CURDIR)/$(BINARY)\"");

        assertThat(entrypoint(JVM))
                .containsExactly(
                        "/wingman/jdk/bin/java",
                        "-XX:AOTCache=/wingman/wingman.aot",
                        "-jar",
                        "/wingman/app/wingman-runner.jar");
    }
}
