package dev.wingman;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the specification map names is there. */
class SpecificationMapTest {
    private static final Path MAP = Path.of("src/docs/decisions/0001-specification-map.md");

    /** {@code `Type`}, {@code `Type.member`}, and {@code `.member`} of the type named before. */
    private static final Pattern NAME =
            Pattern.compile("`(?:([A-Z][A-Za-z]+)(?:\\.([A-Za-z]\\w+))?|\\.([A-Za-z]\\w+))`");

    private static final Pattern LATER =
            Pattern.compile(
                    "with the running cluster, package cluster(\\.membership|\\.partition)?\\b");

    private static final Pattern PACKAGE = Pattern.compile("(?m)^package ([\\w.]+);");

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

    /** A row has a type or function that others can use, or the package in which one will be. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "types | NodeState PartitionState MigrationPhase MemberInfo MembersView"
                        + " PartitionMeta PartitionAssignment ActiveMigration MigrationTask"
                        + " ClusterHealth ClusterConfig",
                "messages | ClusterMessage JoinRequestPayload JoinResponsePayload"
                        + " MembersUpdatePayload LeaveRequestPayload HeartbeatPayload"
                        + " HeartbeatComplaintPayload ExplicitSuspicionPayload"
                        + " PartitionTableUpdatePayload MigrateStartPayload MigrateDataPayload"
                        + " MigrateReadyPayload MigrateFinalizePayload MigrateCancelPayload"
                        + " SplitBrainProbePayload SplitBrainProbeResponsePayload"
                        + " MergeRequestPayload OpForwardPayload MapType MapStateChunk DeltaOp",
                "contracts | ClusterService MembershipService ClusterPartitionService"
                        + " MigrationService",
                "state | ClusterState ClusterChange MigrationCommand ClusterPartitionTable"
                        + " InboundClusterMessage ClusterChannels ClusterChannelReceivers",
                "detectors | FailureDetector PhiAccrualFailureDetector PhiAccrualConfig"
                        + " DeadlineFailureDetector",
                "planning | compute_assignment plan_rebalance order_migrations"
            })
    void whatIsOfTheClusterModuleIsThereForOthers(String group, String names) throws Exception {
        Map<String, String> rows = rowsOfTheClusterModule();

        assertThat(rows).as(group).containsKeys(names.split(" ", -1)).hasSize(50);
        for (String name : names.split(" ", -1)) {
            String answer = rows.getOrDefault(name, "");
            Matcher type = NAME.matcher(answer);
            if (type.find()) {
                assertThat(isPublic(type.group(1), type.group(2))).as(answer).isTrue();
            } else {
                assertThat(answer).containsPattern(LATER);
            }
        }
    }

    private static Map<String, String> rowsOfTheClusterModule() throws IOException {
        String map = Files.readString(MAP);
        var rows = new TreeMap<String, String>();
        map.substring(map.indexOf("## The cluster module"), map.indexOf("Beside them:"))
                .lines()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| name "))
                .map(line -> line.split(" *\\| *", -1))
                .forEach(cells -> rows.put(cells[1], cells[2]));
        return rows;
    }

    /** The type, and the type or function in it if one is named. */
    private boolean isPublic(String type, @Nullable String member) throws ClassNotFoundException {
        Matcher place = PACKAGE.matcher(sources.getOrDefault(type, ""));
        assertThat(place.find()).as(type).isTrue();
        Class<?> outer = Class.forName(place.group(1) + "." + type);
        int modifiers = outer.getModifiers();
        if (member == null) {
            return Modifier.isPublic(modifiers);
        }
        Stream<Integer> inside =
                Character.isUpperCase(member.charAt(0))
                        ? Arrays.stream(outer.getClasses())
                                .filter(each -> each.getSimpleName().equals(member))
                                .map(Class::getModifiers)
                        : Arrays.stream(outer.getMethods())
                                .filter(each -> each.getName().equals(member))
                                .map(Method::getModifiers);
        return Modifier.isPublic(modifiers) && inside.anyMatch(Modifier::isPublic);
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
