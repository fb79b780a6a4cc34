package dev.wingman;

import static io.smallrye.config.PropertiesConfigSourceLoader.inClassPath;
import static io.smallrye.config.PropertiesConfigSourceLoader.inFileSystem;

import io.quarkus.runtime.configuration.ConfigUtils;
import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.quarkus.runtime.configuration.PathConverter;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.PropertiesLocationConfigSourceFactory;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the configuration library complains of, in plain words, and what is wrong beside: it stops
 * before values are looked at together, and people want to hear everything at once.
 */
final class ConfigComplaints {
    private static final Pattern NOISE =
            Pattern.compile("(?:[a-z]+\\.)+\\w*Exception: |SRCFG\\d+: ");
    private static final Pattern UNKNOWN =
            Pattern.compile("(\\S+) in (.+) does not map to any root");
    private static final Pattern UNREADABLE =
            Pattern.compile(
                    "The config property (\\S+) with the config value .* whilst being converted"
                            + " (.*)",
                    Pattern.DOTALL);
    private static final Pattern EMPTY =
            Pattern.compile(
                    "The config property (\\S+) is (?:defined as the empty String|required) .*",
                    Pattern.DOTALL);

    /** They follow ours, and what is wrong with ours is said of ours. */
    private static final Set<String> DERIVED = Set.of("quarkus.http.host", "quarkus.http.port");

    private static final String PROPERTIES = "application.properties";

    private final List<String> sentences = new ArrayList<>();
    private final Set<String> unreadable = new HashSet<>();

    private ConfigComplaints() {}

    static List<String> of(ConfigValidationException invalid) {
        var complaints = new ConfigComplaints();
        for (int i = 0; i < invalid.getProblemCount(); i++) {
            complaints.add(NOISE.matcher(invalid.getProblem(i).getMessage()).replaceAll(""));
        }
        complaints.addWhatElseIsWrong();
        return complaints.sentences;
    }

    private void add(String problem) {
        Matcher unknown = UNKNOWN.matcher(problem);
        Matcher bad = UNREADABLE.matcher(problem);
        Matcher empty = EMPTY.matcher(problem);
        if (unknown.matches()) {
            sentences.add(
                    "%s is no key that Wingman knows (%s)"
                            .formatted(unknown.group(1), place(unknown.group(2))));
        } else if (bad.matches()) {
            addUnreadable(bad.group(1), bad.group(2));
        } else if (empty.matches()) {
            addUnreadable(empty.group(1), "must have a value");
        } else {
            sentences.add(problem);
        }
    }

    private void addUnreadable(String key, String reason) {
        unreadable.add(key);
        if (!DERIVED.contains(key)) {
            sentences.add(key + ": " + reason);
        }
    }

    private static String place(String source) {
        return source.startsWith("SysProp")
                ? "a system property"
                : source.replaceFirst(".*\\[source=(?:file:)?(.*)]", "$1");
    }

    private void addWhatElseIsWrong() {
        try {
            Settings.of(readable(), UnknownVariables.here());
        } catch (RefusedConfiguration refused) {
            sentences.addAll(refused.problems());
        } catch (ConfigValidationException invalid) {
            // Of what has been said already.
        }
    }

    /**
     * All that is set. Read again, since the container's own configuration was not made, and a
     * native image would answer with the one it was built with.
     */
    private static SmallRyeConfig everything() {
        ClassLoader loader = ConfigComplaints.class.getClassLoader();
        String beside = Path.of("config", PROPERTIES).toUri().toString();
        return ConfigUtils.emptyConfigBuilder()
                .withSources(new PropertiesLocationConfigSourceFactory())
                .withSources(inFileSystem(beside, 260, loader))
                .withSources(inClassPath(PROPERTIES, 250, loader))
                .build();
    }

    /** The configuration as it would be with the defaults of the keys that cannot be read. */
    private WingmanConfig readable() {
        SmallRyeConfig everything = everything();
        Map<String, String> values = new HashMap<>();
        for (String key : keys(everything)) {
            String value =
                    unreadable.contains(key) ? null : everything.getConfigValue(key).getValue();
            if (value != null) {
                values.put(key, value);
            }
        }
        return read(values);
    }

    /**
     * A configuration of these values and the defaults.
     *
     * @throws ConfigValidationException when one of them cannot be read
     */
    static WingmanConfig read(Map<String, String> values) {
        return new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(values, "readable", 100))
                .withConverter(Duration.class, 100, new DurationConverter())
                .withConverter(MemorySize.class, 100, new MemorySizeConverter())
                .withConverter(Path.class, 100, new PathConverter())
                .withMapping(WingmanConfig.class)
                .build()
                .getConfigMapping(WingmanConfig.class);
    }

    /** All that can be set, with the names that people have chosen where they choose. */
    private static Set<String> keys(SmallRyeConfig everything) {
        var keys = new HashSet<String>();
        for (String key : UnknownVariables.keys()) {
            if (!key.contains("*")) {
                keys.add(key);
                continue;
            }
            var named = Pattern.compile(key.replace(".", "\\.").replace("*", "[^.]+"));
            for (String name : everything.getPropertyNames()) {
                if (named.matcher(name).matches()) {
                    keys.add(name);
                }
            }
        }
        return keys;
    }
}
