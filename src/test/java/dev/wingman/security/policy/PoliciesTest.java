package dev.wingman.security.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wingman.protocol.MapName;
import dev.wingman.protocol.ProtocolException;
import dev.wingman.security.Principal;
import dev.wingman.security.policy.Policy.Action;
import dev.wingman.security.policy.Policy.Effect;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PoliciesTest {
    private static final MapName NOTES = new MapName("notes.ann");
    private static final Principal ANN = new Principal("ann", Set.of("admin"));
    private static final Principal BOSS = new Principal("boss", Set.of());

    private static Policy policy(String maps, Action action, Effect effect) {
        return new Policy("p", new MapPattern(maps), action, effect);
    }

    private static Policies inForce(Policy... rules) {
        return new Policies(true, List.of(rules), Set.of("boss"));
    }

    @ParameterizedTest
    @CsvSource({
        "*, anything.at.all, true",
        "users, users, true",
        "users, users.ann, false",
        "users.*, users.ann, true",
        "users.*, users, false",
        "users.*, users.ann.notes, false",
        "users.*, users., true",
        "users.*, other.ann, false",
        "*.notes, ann.notes, true",
        "*.notes, notes, false",
        "users.*.notes, users.ann.notes, true",
        "users.*.notes, users.ann.drafts, false",
        "user, users, false",
        "users, user, false",
        "*.*, one, false",
        "*.*, one.two, true"
    })
    void aStarStandsForOneSegmentAndAloneForAllNames(String pattern, String map, boolean matches) {
        assertThat(new MapPattern(pattern).matches(new MapName(map))).isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(strings = {"user*", "**", "a.*b", "a.b*.c"})
    void aStarIsAWholeSegment(String pattern) {
        assertThatThrownBy(() -> new MapPattern(pattern))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("whole segment");
    }

    @Test
    void aPatternIsNoLongerThanTheNameOfAMap() {
        assertThatThrownBy(() -> new MapPattern("a".repeat(257)))
                .isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> new MapPattern("")).isInstanceOf(ProtocolException.class);
    }

    @Test
    void beforeTheFirstPolicyEverythingIsAllowed() {
        assertThat(Policies.none().allows(null, Action.REMOVE, NOTES)).isTrue();
    }

    @Test
    void onceOneWasMadeOnlyWhatIsAllowedIs() {
        assertThat(inForce().allows(ANN, Action.READ, NOTES)).isFalse();
        Policies reading = inForce(policy("notes.*", Action.READ, Effect.ALLOW));

        assertThat(reading.allows(ANN, Action.READ, NOTES)).isTrue();
        assertThat(reading.allows(null, Action.READ, NOTES)).isTrue();
        assertThat(reading.allows(ANN, Action.WRITE, NOTES)).isFalse();
        assertThat(reading.allows(ANN, Action.REMOVE, NOTES)).isFalse();
        assertThat(reading.allows(ANN, Action.READ, new MapName("notes"))).isFalse();
    }

    @Test
    void aDenialWinsWhereverItStands() {
        Policy all = policy("*", Action.ALL, Effect.ALLOW);
        Policy not = policy("notes.*", Action.WRITE, Effect.DENY);

        for (Policies policies : List.of(inForce(all, not), inForce(not, all))) {
            assertThat(policies.allows(ANN, Action.WRITE, NOTES)).isFalse();
            assertThat(policies.allows(ANN, Action.REMOVE, NOTES)).isTrue();
        }
    }

    /** Wire protocol 2.2: in both directions. */
    @Test
    void theSubjectsOfTheListAreExemptAndRolesExemptNobody() {
        Policies denied = inForce(policy("*", Action.ALL, Effect.DENY));

        assertThat(denied.allows(BOSS, Action.WRITE, NOTES)).isTrue();
        assertThat(denied.allows(ANN, Action.WRITE, NOTES)).isFalse();
        assertThat(denied.allows(null, Action.WRITE, NOTES)).isFalse();
    }
}
