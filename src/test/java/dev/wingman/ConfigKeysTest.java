package dev.wingman;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ConfigKeysTest {
    @Test
    void theListIsThatOfTheMapping() {
        assertThat(ConfigKeys.ALL)
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(
                        keysOf(WingmanConfig.class, "wingman").toList());
    }

    private static Stream<String> keysOf(Class<?> group, String prefix) {
        return Stream.of(group.getMethods())
                .flatMap(method -> {
                    String key = prefix + "." + dashed(method.getName());
                    Class<?> type = method.getReturnType();
                    return type.getDeclaringClass() == WingmanConfig.class && type.isInterface()
                            ? keysOf(type, key)
                            : Stream.of(key);
                });
    }

    private static String dashed(String camelCase) {
        return camelCase.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    @Test
    void aVariableOfAKeyIsKnown() {
        var environment =
                Map.of(
                        "WINGMAN_NETWORK_PORT", "8080",
                        "WINGMAN_NETWORK_CORS_ORIGINS", "https://a.example",
                        "WINGMAN_NETWORK_CORS_ORIGINS_0_", "https://a.example",
                        "WINGMAN_CONNECTION_MAX_IN_FLIGHT", "1",
                        "PATH", "/bin");

        assertThat(ConfigKeys.strangers(environment)).isEmpty();
    }

    @Test
    void everyOtherVariableIsNamed() {
        var environment = Map.of("WINGMAN_NETWROK_PORT", "8080", "WINGMAN_FOO_BAR", "1");

        assertThat(ConfigKeys.strangers(environment))
                .containsExactly(
                        "the environment variable WINGMAN_FOO_BAR is none that Wingman knows",
                        "the environment variable WINGMAN_NETWROK_PORT is none that Wingman knows");
    }

    @Test
    void whatKubernetesSetsForAServiceOfThatNameIsNoMistake() {
        var environment =
                Map.of(
                        "WINGMAN_SERVICE_HOST", "10.0.0.1",
                        "WINGMAN_SERVICE_PORT_HTTP", "8080",
                        "WINGMAN_PEERS_SERVICE_PORT", "8080",
                        "WINGMAN_PORT", "tcp://10.0.0.1:8080",
                        "WINGMAN_PEERS_PORT", "tcp://10.0.0.1:8080",
                        "WINGMAN_PORT_8080_TCP_ADDR", "10.0.0.1");

        assertThat(ConfigKeys.strangers(environment)).isEmpty();
    }
}
