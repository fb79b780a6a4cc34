package dev.wingman.mission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.security.Principal;
import dev.wingman.security.account.Accounts;
import dev.wingman.security.account.Revocations;
import dev.wingman.security.account.Revocations.Cause;
import dev.wingman.security.account.Role;
import dev.wingman.security.account.TokenIssuer;
import dev.wingman.security.account.User;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** When the tokens of an account stop to count, on every database. */
abstract class RevocationContract extends StoreFixture {
    private User register() {
        return accounts.register("ann@example.org", PASSWORD, null, ORIGIN);
    }

    private void disable(User user, boolean disabled) {
        accounts.change(user.id(), new Accounts.Change(null, disabled, null), admin, ORIGIN);
    }

    private static Principal tokenOf(User user, boolean foreign) {
        return new Principal(user.id().toString(), Set.of("user"), foreign);
    }

    @Test
    void tokensOfADisabledAccountAreRefusedUntilItIsEnabledAgain() {
        User user = register();
        assertThat(revocations.covers(tokenOf(user, false))).isFalse();

        disable(user, true);
        assertThat(revocations.covers(tokenOf(user, false))).isTrue();
        assertThat(revocations.cause(user.id().toString())).isEqualTo(Cause.DISABLED);

        disable(user, false);
        assertThat(revocations.covers(tokenOf(user, false))).isFalse();
    }

    @Test
    void tokensOfADeletedAccountAreRefusedWhateverItWasBefore() {
        User user = register();
        disable(user, true);

        accounts.delete(user.id(), null, ORIGIN);

        assertThat(revocations.cause(user.id().toString())).isEqualTo(Cause.DELETED);
    }

    @Test
    void anotherRoleRevokesNothing() {
        User user = register();

        accounts.change(
                user.id(), new Accounts.Change(Set.of(Role.VIEWER), null, null), admin, ORIGIN);

        assertThat(revocations.covers(tokenOf(user, false))).isFalse();
    }

    @Test
    void aSubjectOfAnotherIssuerHasNoAccountThatCouldEnd() {
        User user = register();

        disable(user, true);

        assertThat(revocations.covers(tokenOf(user, true))).isFalse();
    }

    @Test
    void otherNodesAndTheNextStartKnowOfIt() {
        var changes = new AtomicInteger();
        Revocations elsewhere = revocations(changes::incrementAndGet);
        User user = register();

        disable(user, true);
        elsewhere.refreshIfPossible();
        elsewhere.refreshIfPossible();

        assertThat(elsewhere.cause(user.id().toString())).isEqualTo(Cause.DISABLED);
        assertThat(changes).hasValue(1);
        assertThat(revocations(() -> {}).cause(user.id().toString())).isEqualTo(Cause.DISABLED);
    }

    @Test
    void aRevocationIsForgottenOnceNoTokenCanBeGood() {
        User user = register();
        disable(user, true);

        now = now.plus(TokenIssuer.LIFETIME).plus(LEEWAY);
        revocations.refreshIfPossible();
        assertThat(revocations.covers(tokenOf(user, false))).isTrue();

        now = now.plus(Duration.ofMinutes(1));
        revocations.refreshIfPossible();
        assertThat(revocations.covers(tokenOf(user, false))).isFalse();

        User other = accounts.register("bob@example.org", PASSWORD, null, ORIGIN);
        accounts.delete(other.id(), null, ORIGIN);
        long kept = database.read(tx -> tx.number("SELECT count(*) FROM revocations"));
        assertThat(kept).isOne();
    }
}
