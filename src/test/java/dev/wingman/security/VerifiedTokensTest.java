package dev.wingman.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.security.TokenVerdict.Verified;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

class VerifiedTokensTest {
    private static final TokenKeys KEYS = new TokenKey.Shared("0123456789abcdef0123456789abcdef");
    private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);

    private final VerifiedTokens tokens = new VerifiedTokens();

    private static Verified until(Instant end) {
        return new Verified(new Principal("alice", Set.of()), end);
    }

    @Test
    void aGoodTokenIsKnownUntilItEnds() {
        Verified verdict = until(NOW.plusSeconds(1));
        tokens.add("a", verdict, KEYS, KEYS.present(), NOW);

        assertThat(tokens.find("a", NOW)).isEqualTo(verdict);
        assertThat(tokens.find("a", NOW.plusSeconds(1))).isNull();
        assertThat(tokens.find("b", NOW)).isNull();
    }

    @Test
    void withOtherKeysItHasToBeCheckedAgain() {
        tokens.add("a", until(Instant.MAX), KEYS, new Object(), NOW);

        assertThat(tokens.find("a", NOW)).isNull();
    }

    @Test
    void thoseThatHaveEndedMakeRoom() {
        tokens.add("stays", until(Instant.MAX), KEYS, KEYS.present(), NOW);
        for (int i = 1; i < VerifiedTokens.MAX_TOKENS; i++) {
            tokens.add("ends " + i, until(NOW.plusSeconds(1)), KEYS, KEYS.present(), NOW);
        }

        Instant later = NOW.plusSeconds(1);
        tokens.add("new", until(Instant.MAX), KEYS, KEYS.present(), later);

        assertThat(tokens.find("stays", later)).isNotNull();
        assertThat(tokens.find("new", later)).isNotNull();
        assertThat(tokens.size()).isEqualTo(2);
    }

    @Test
    void memoryIsBoundedEvenIfAllAreGood() {
        for (int i = 0; i <= VerifiedTokens.MAX_TOKENS; i++) {
            tokens.add("token " + i, until(Instant.MAX), KEYS, KEYS.present(), NOW);
        }

        assertThat(tokens.size()).isOne();
    }
}
