package dev.wingman;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.WithDefault;
import io.smallrye.config.common.utils.StringUtil;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The README's table of keys says what the server does. */
class ConfigurationTableTest {
    private static final Pattern ROW =
            Pattern.compile("^\\| `(wingman\\.[^`]+)` \\| ([^|]+) \\|", Pattern.MULTILINE);

    @Test
    void everyKeyStandsInTheReadmeWithItsDefault() throws IOException {
        var documented = new TreeMap<String, String>();

        ROW.matcher(Files.readString(Path.of("README.md")))
                .results()
                .forEach(row -> documented.put(row.group(1), row.group(2).replace("`", "")));

        assertThat(documented).containsExactlyInAnyOrderEntriesOf(defaults());
    }

    /** Every key with its default; {@code none} when it has none. */
    static Map<String, String> defaults() {
        return declared("wingman", WingmanConfig.class);
    }

    /** The keys under {@code prefix}, as the container derives them from the names of methods. */
    private static Map<String, String> declared(String prefix, Class<?> section) {
        var declared = new TreeMap<String, String>();
        for (Method method : section.getDeclaredMethods()) {
            String key = prefix + "." + StringUtil.skewer(method.getName());
            WithDefault byDefault = method.getAnnotation(WithDefault.class);
            if (method.getReturnType() == Map.class) {
                declared.putAll(declared(key + ".<name>", WingmanConfig.RecorderEndpoint.class));
            } else if (method.getReturnType().getEnclosingClass() == WingmanConfig.class
                    && method.getReturnType().isInterface()) {
                declared.putAll(declared(key, method.getReturnType()));
            } else {
                declared.put(key, byDefault == null ? "none" : byDefault.value());
            }
        }
        return declared;
    }
}
