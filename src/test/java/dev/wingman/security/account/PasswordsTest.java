package dev.wingman.security.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class PasswordsTest {
    private final Passwords passwords =
            new Passwords(new Passwords.Cost(64, 1, 2), RandomGenerator.getDefault());

    @Test
    void aHashTellsWhatItWasMadeWith() {
        String stored = passwords.hash("correct horse battery");

        assertThat(stored).startsWith("$argon2id$v=19$m=64,t=1,p=2$");
        assertThat(passwords.matches("correct horse battery", stored)).isTrue();
        assertThat(passwords.matches("correct horse batterz", stored)).isFalse();
        assertThat(passwords.hash("correct horse battery")).isNotEqualTo(stored);
    }

    @Test
    void hashesOutliveAChangeOfTheCost() {
        String stored = passwords.hash("correct horse battery");
        var later = new Passwords(new Passwords.Cost(128, 2, 1), RandomGenerator.getDefault());

        assertThat(later.matches("correct horse battery", stored)).isTrue();
    }

    @Test
    void aHashOfLessCostIsOutdated() {
        var later = new Passwords(new Passwords.Cost(128, 2, 1), RandomGenerator.getDefault());

        assertThat(passwords.isOutdated(passwords.hash("correct horse battery"))).isFalse();
        assertThat(later.isOutdated(passwords.hash("correct horse battery"))).isTrue();
        assertThat(passwords.isOutdated(later.hash("correct horse battery"))).isFalse();
    }

    @Test
    void aRandomPasswordIsHashedAtTheLeastCost() {
        String stored = passwords.hashOfRandom("6sXk0-ztlq8JHhTLRw_uIQ");

        assertThat(stored).startsWith("$argon2id$v=19$m=8,t=1,p=1$");
        assertThat(passwords.matches("6sXk0-ztlq8JHhTLRw_uIQ", stored)).isTrue();
        assertThat(passwords.matches("6sXk0-ztlq8JHhTLRw_uIq", stored)).isFalse();
        assertThat(passwords.isOutdated(stored)).isTrue();
    }

    @Test
    void nobodyHasAHashThatNoPasswordMatches() {
        assertThat(passwords.matches("", passwords.hashOfNobody())).isFalse();
    }

    @Test
    void aCostThatTheAlgorithmDoesNotKnowIsRefused() {
        assertThatThrownBy(() -> new Passwords.Cost(8, 1, 2))
                .hasMessageContaining("wingman.security.argon2");
    }
}
