package dev.wingman;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The names of everything that can be set: those of {@link WingmanConfig}, which a test compares.
 *
 * <p>Needed because the configuration library reports unknown properties but not unknown
 * environment variables: it cannot tell where in a variable's name the dots would be.
 */
final class ConfigKeys {
    private static final String VARIABLE_PREFIX = "WINGMAN_";

    static final List<String> ALL =
            List.of(
                    "wingman.network.host",
                    "wingman.network.port",
                    "wingman.network.cors-origins",
                    "wingman.network.request-timeout",
                    "wingman.network.tls.certificate",
                    "wingman.network.tls.key",
                    "wingman.network.tls.ca",
                    "wingman.connection.max-connections",
                    "wingman.connection.outbound-queue-capacity",
                    "wingman.connection.outbound-queue-bytes",
                    "wingman.connection.send-timeout",
                    "wingman.connection.idle-timeout",
                    "wingman.connection.authentication-timeout",
                    "wingman.connection.write-buffer",
                    "wingman.connection.max-write-buffer",
                    "wingman.connection.max-message-size",
                    "wingman.connection.max-in-flight",
                    "wingman.connection.rate",
                    "wingman.connection.burst",
                    "wingman.storage.directory",
                    "wingman.storage.durability",
                    "wingman.storage.write-buffer",
                    "wingman.storage.block-cache",
                    "wingman.storage.min-free-space",
                    "wingman.storage.log-entries",
                    "wingman.security.authentication",
                    "wingman.security.allow-open-network",
                    "wingman.security.jwt.secret",
                    "wingman.security.jwt.public-key",
                    "wingman.security.jwt.issuer",
                    "wingman.security.jwt.audience",
                    "wingman.security.jwt.leeway",
                    "wingman.security.admin-subjects",
                    "wingman.sync.max-query-records",
                    "wingman.sync.max-map-name",
                    "wingman.sync.max-key",
                    "wingman.sync.max-value",
                    "wingman.lifecycle.drain-delay",
                    "wingman.lifecycle.drain-timeout",
                    "wingman.lifecycle.close-rate");

    private static final Set<String> VARIABLES =
            ALL.stream().map(ConfigKeys::variable).collect(Collectors.toUnmodifiableSet());

    /** Of one item of a list. */
    private static final Pattern INDEX = Pattern.compile("_\\d+_$");

    /**
     * What Kubernetes sets in every container for a service whose name begins with {@code wingman}.
     */
    private static final Pattern OF_A_SERVICE =
            Pattern.compile(
                    "WINGMAN_(\\w+_)?(SERVICE_(HOST|PORT)\\w*|PORT_\\d+_(TCP|UDP|SCTP)\\w*)");

    private ConfigKeys() {}

    /** What is wrong with the names of variables, one sentence each, in the order of the names. */
    static List<String> strangers(Map<String, String> environment) {
        return environment.entrySet().stream()
                .filter(variable -> variable.getKey().startsWith(VARIABLE_PREFIX))
                .filter(variable -> !isKnown(variable.getKey(), variable.getValue()))
                .map(Map.Entry::getKey)
                .sorted()
                .map(name -> "the environment variable " + name + " is none that Wingman knows")
                .toList();
    }

    private static boolean isKnown(String name, String value) {
        return VARIABLES.contains(INDEX.matcher(name).replaceFirst(""))
                || OF_A_SERVICE.matcher(name).matches()
                || (name.endsWith("_PORT") && value.contains("://"));
    }

    /** As the configuration library derives it. */
    private static String variable(String key) {
        return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }
}
