package dev.wingman;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.Externalizable;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.invoke.MethodHandles;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.spi.Converter;
import org.jspecify.annotations.NullMarked;

/** What may know what. A package that does not exist yet is in the table all the same. */
@AnalyzeClasses(packages = "dev.wingman", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String ROOT = "dev.wingman";

    /** Of ours, what each package may import; the root may import all and is imported by none. */
    private static final Map<String, Set<String>> IMPORTS =
            Map.ofEntries(
                    Map.entry("crdt", Set.of()),
                    Map.entry("protocol", Set.of("crdt")),
                    Map.entry("lifecycle", Set.of()),
                    Map.entry("storage", Set.of("crdt", "protocol")),
                    Map.entry("connection", Set.of("lifecycle", "protocol")),
                    Map.entry("query", Set.of("crdt", "protocol")),
                    Map.entry("security", Set.of("protocol", "storage", "query")),
                    Map.entry(
                            "cluster",
                            Set.of("crdt", "lifecycle", "protocol", "storage", "connection")),
                    Map.entry("sync", below("sync")),
                    Map.entry("mission", Set.of("protocol", "storage", "security")),
                    Map.entry("recorder", Set.of("lifecycle")),
                    Map.entry("websocket", below("websocket")),
                    Map.entry("http", below("http")),
                    Map.entry("rest", with("http", below("websocket"))),
                    Map.entry("console", with("http", below("websocket"))));

    private static Set<String> below(String layer) {
        List<String> order =
                List.of(
                        "crdt",
                        "protocol",
                        "lifecycle",
                        "storage",
                        "connection",
                        "query",
                        "security",
                        "cluster",
                        "sync",
                        "mission",
                        "recorder");
        int end = order.indexOf(layer);
        return Set.copyOf(end < 0 ? order : order.subList(0, end));
    }

    private static Set<String> with(String one, Set<String> more) {
        var all = new HashSet<>(more);
        all.add(one);
        return all;
    }

    @ArchTest
    static void eachPackageImportsWhatTheTableAllows(JavaClasses ours) {
        IMPORTS.forEach((subject, allowed) -> {
            String[] known =
                    Stream.concat(Stream.of(subject), allowed.stream())
                            .map(ArchitectureTest::within)
                            .toArray(String[]::new);
            classes()
                    .that()
                    .resideInAPackage(within(subject))
                    .should()
                    .onlyDependOnClassesThat(
                            not(resideInAPackage(ROOT + "..")).or(resideInAnyPackage(known)))
                    .allowEmptyShould(true)
                    .check(ours);
        });
    }

    @ArchTest
    static void everyPackageIsInTheTableAndAtMostOneLevelBelowIt(JavaClasses ours) {
        for (JavaClass each : ours) {
            String[] path = each.getPackageName().substring(ROOT.length()).split("\\.", -1);

            assertThat(path.length).as(each.getName()).isLessThanOrEqualTo(3);
            if (path.length > 1) {
                assertThat(IMPORTS).as(each.getName()).containsKey(path[1]);
            }
        }
    }

    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES =
            slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule THE_CORE_DOES_NOT_KNOW_THE_CONTAINER =
            noClasses()
                    .that()
                    .resideOutsideOfPackages(
                            ROOT,
                            within("websocket"),
                            within("http"),
                            within("rest"),
                            within("console"),
                            within("recorder"))
                    .and(not(isConfigInterface()))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("jakarta..", "io.quarkus..", "io.vertx..");

    private static DescribedPredicate<JavaClass> isConfigInterface() {
        return DescribedPredicate.describe(
                "are *Config interfaces",
                each -> each.isInterface() && each.getSimpleName().endsWith("Config"));
    }

    /** What Vert.x says in its own interface of a request that cannot be read. */
    private static final Set<String> PART_OF_VERTX =
            Set.of(
                    "io.netty.handler.codec.DecoderResult",
                    "io.netty.handler.codec.http.TooLongHttpHeaderException",
                    "io.netty.handler.codec.http.TooLongHttpLineException");

    @ArchTest
    static void oneClassOfEachEdgeKnowsNetty(JavaClasses ours) {
        Set<String> users = new TreeSet<>();
        for (JavaClass each : ours) {
            boolean knows =
                    each.getDirectDependenciesFromSelf().stream()
                            .map(to -> to.getTargetClass().getName())
                            .anyMatch(to ->
                                    to.startsWith("io.netty.") && !PART_OF_VERTX.contains(to));
            if (knows) {
                users.add(each.getName().replaceFirst("\\$.*", ""));
            }
        }

        assertThat(users)
                .satisfiesExactly(
                        user -> assertThat(user).startsWith(ROOT + ".http."),
                        user -> assertThat(user).startsWith(ROOT + ".recorder."),
                        user -> assertThat(user).startsWith(ROOT + ".websocket."));
    }

    @ArchTest
    static final ArchRule ONLY_THE_CODEC_KNOWS_MESSAGEPACK = confined("org.msgpack..", "protocol");

    @ArchTest
    static final ArchRule ONLY_THE_STORE_KNOWS_ROCKSDB = confined("org.rocksdb..", "storage");

    private static ArchRule confined(String library, String subject) {
        return noClasses()
                .that()
                .resideOutsideOfPackage(within(subject))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library);
    }

    /** A native image has only what is named when it is built. */
    @ArchTest
    static final ArchRule NOBODY_USES_REFLECTION_OR_PROXIES =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("java.lang.reflect..")
                    .orShould()
                    .dependOnClassesThat()
                    .belongToAnyOf(MethodHandles.Lookup.class, ServiceLoader.class)
                    .orShould()
                    .accessTargetWhere(access(ClassLoader.class, "loadClass|findClass"))
                    .orShould()
                    .accessTargetWhere(
                            access(
                                    Class.class,
                                    "forName|newInstance|get(Declared)?(Field|Method"
                                            + "|Constructor)s?|getRecordComponents"));

    @ArchTest
    static final ArchRule NOBODY_SERIALIZES =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .belongToAnyOf(
                            ObjectInputStream.class,
                            ObjectOutputStream.class,
                            Externalizable.class);

    /** Exceptions, enums and the converters of settings are serializable by birth. */
    @ArchTest
    static final ArchRule NOTHING_IS_MADE_TO_BE_SERIALIZED =
            noClasses()
                    .that()
                    .areNotAssignableTo(Throwable.class)
                    .and()
                    .areNotAssignableTo(Enum.class)
                    .and()
                    .areNotAssignableTo(Converter.class)
                    .should()
                    .beAssignableTo(Serializable.class);

    @ArchTest
    static final ArchRule NOBODY_SLEEPS =
            noClasses()
                    .should()
                    .accessTargetWhere(access(Thread.class, "sleep"))
                    .orShould()
                    .accessTargetWhere(access(TimeUnit.class, "sleep"));

    @ArchTest
    static final ArchRule TIME_COMES_FROM_THE_ROOT =
            noClasses()
                    .that()
                    .resideOutsideOfPackage(ROOT)
                    .should()
                    .accessTargetWhere(access(System.class, "nanoTime|currentTimeMillis"))
                    .orShould()
                    .accessTargetWhere(access(Instant.class, "now"))
                    .orShould()
                    .accessTargetWhere(access(InstantSource.class, "system"))
                    .orShould()
                    .accessTargetWhere(access(Clock.class, "system.*|tick.*"));

    private static DescribedPredicate<JavaAccess<?>> access(Class<?> owner, String names) {
        return JavaAccess.Predicates.target(
                owner(JavaClass.Predicates.type(owner))
                        .<AccessTarget>forSubtype()
                        .and(nameMatching(names)));
    }

    @ArchTest
    static final ArchRule NAMES_HAVE_A_SUBJECT =
            noClasses()
                    .should()
                    .haveNameMatching(".*(Impl|Utils?|Helper|Manager|Service|Processor)");

    @ArchTest
    static void everyPackageIsNullMarked(JavaClasses ours) {
        Map<String, JavaPackage> packages =
                ours.stream()
                        .map(JavaClass::getPackage)
                        .collect(Collectors.toMap(JavaPackage::getName, p -> p, (a, _) -> a));

        assertThat(packages)
                .isNotEmpty()
                .allSatisfy(
                        (_, each) -> assertThat(each.isAnnotatedWith(NullMarked.class)).isTrue());
    }

    private static String within(String subject) {
        return ROOT + "." + subject + "..";
    }
}
