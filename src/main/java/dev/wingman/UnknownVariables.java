package dev.wingman;

import io.smallrye.config.ConfigMappings.ConfigClass;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Environment variables that look like ours and set nothing. The container takes them for somebody
 * else's, so that a misspelt one would go unnoticed.
 */
final class UnknownVariables {
    private static final String PREFIX = "WINGMAN_";

    /** The form of one item of a list: {@code WINGMAN_NETWORK_CORS_ORIGINS_0_}. */
    private static final String INDEX = "_\\d+_$";

    private UnknownVariables() {}

    /** Everything that can be set. */
    static Set<String> keys() {
        return ConfigClass.configClass(WingmanConfig.class).getProperties().keySet();
    }

    /** Those of this process. */
    static List<String> here() {
        return among(System.getenv().keySet(), keys());
    }

    /**
     * One sentence for each.
     *
     * @param variables names in the environment
     * @param keys that can be set
     */
    static List<String> among(Set<String> variables, Set<String> keys) {
        var known = new HashSet<String>();
        var named = new ArrayList<Pattern>();
        for (String key : keys) {
            String variable = key.replaceAll("[^A-Za-z0-9*]", "_").toUpperCase(Locale.ROOT);
            if (key.contains("*")) {
                named.add(Pattern.compile(variable.replace("*", "[A-Z0-9_]+")));
            } else {
                known.add(variable);
            }
        }
        return variables.stream()
                .filter(name -> name.startsWith(PREFIX))
                .filter(name -> !known.contains(name.replaceFirst(INDEX, "")))
                .filter(name -> named.stream().noneMatch(key -> key.matcher(name).matches()))
                .sorted()
                .map(UnknownVariables::problem)
                .toList();
    }

    private static String problem(String variable) {
        return "the environment variable "
                + variable
                + " belongs to no key: correct or unset it (where Kubernetes made it for a service,"
                + " with enableServiceLinks: false)";
    }
}
