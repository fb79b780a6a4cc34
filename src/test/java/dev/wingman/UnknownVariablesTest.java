package dev.wingman;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class UnknownVariablesTest {
    private static final Set<String> KEYS =
            Set.of("wingman.network.port", "wingman.network.cors-origins");

    @Test
    void variablesOfKeysAreKnown() {
        assertThat(
                        UnknownVariables.among(
                                Set.of(
                                        "WINGMAN_NETWORK_PORT",
                                        "WINGMAN_NETWORK_CORS_ORIGINS",
                                        "WINGMAN_NETWORK_CORS_ORIGINS_0_"),
                                KEYS))
                .isEmpty();
    }

    @Test
    void whatBelongsToOthersIsTheirs() {
        assertThat(UnknownVariables.among(Set.of("PATH", "WINGMANAGER_PORT"), KEYS)).isEmpty();
    }

    @Test
    void everyMisspeltVariableIsNamed() {
        assertThat(
                        UnknownVariables.among(
                                Set.of("WINGMAN_NETWORK_PROT", "WINGMAN_PORT", "HOME"), KEYS))
                .satisfiesExactly(
                        problem -> assertThat(problem).contains("variable WINGMAN_NETWORK_PROT "),
                        problem -> assertThat(problem).contains("variable WINGMAN_PORT "));
    }
}
