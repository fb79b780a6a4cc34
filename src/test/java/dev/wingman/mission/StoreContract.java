package dev.wingman.mission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.wingman.security.RefusedException;
import dev.wingman.security.account.Accounts;
import dev.wingman.security.account.AuditLog;
import dev.wingman.security.account.Caller;
import dev.wingman.security.account.Role;
import dev.wingman.security.account.SigningKeys;
import dev.wingman.security.account.User;
import dev.wingman.security.policy.MapPattern;
import dev.wingman.security.policy.Policies;
import dev.wingman.security.policy.Policy;
import dev.wingman.security.policy.Policy.Action;
import dev.wingman.security.policy.Policy.Effect;
import dev.wingman.security.policy.PolicyStore;
import dev.wingman.storage.sql.DatabaseException;
import dev.wingman.storage.sql.TimeOrderedIds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What accounts, missions and specs promise on every database. */
abstract class StoreContract extends RevocationContract {
    @Test
    void whatWasCreatedIsReadBack() {
        var content =
                new Mission.Content(
                        "Ünïcode 🚀", "two\nlines", List.of("a", "ä b"), "{\"deep\":[1,null]}");

        Mission made = database.write(tx -> missions.create(tx, ann, content));

        assertThat(missions.get(ann, made.id())).isEqualTo(made);
        assertThat(made.content()).isEqualTo(content);
        assertThat(made.state()).isEqualTo(new MissionState.Draft());
        assertThat(made.id().version()).isEqualTo(7);
    }

    @Test
    void strangersDoNotLearnThatAMissionExists() {
        Mission mission = create(ann, "secret");

        assertThat(codeOf(() -> missions.get(bob, mission.id()))).isEqualTo("not_found");
        assertThat(codeOf(() -> move(bob, mission, MissionMove.START))).isEqualTo("not_found");
        assertThat(missions.get(viewer, mission.id())).isEqualTo(mission);
        assertThat(codeOf(() -> move(viewer, mission, MissionMove.START))).isEqualTo("read_only");
        assertThat(move(admin, mission, MissionMove.START).state())
                .isEqualTo(new MissionState.Active(now));
    }

    @Test
    void aMoveThatIsNotThereNamesThoseThatAre() {
        Mission mission = create(ann, "m");
        move(ann, mission, MissionMove.START);

        assertThatThrownBy(() -> move(ann, mission, MissionMove.ARCHIVE))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refusal -> {
                            assertThat(refusal.code()).isEqualTo("invalid_transition");
                            assertThat(refusal.details().get("allowed"))
                                    .containsExactly("pause", "complete", "fail", "cancel");
                        });
        assertThat(move(ann, mission, MissionMove.START).version()).isEqualTo(2);
    }

    @Test
    void aStaleVersionChangesNothing() {
        Mission mission = create(ann, "before");
        missions.replace(ann, mission.id(), 1L, content("after"));

        assertThat(codeOf(() -> missions.replace(ann, mission.id(), 1L, content("too late"))))
                .isEqualTo("stale_version");
        assertThat(missions.get(ann, mission.id()).content().title()).isEqualTo("after");
    }

    @Test
    void anActiveMissionIsNotDeleted() {
        Mission mission = create(ann, "m");
        move(ann, mission, MissionMove.START);

        assertThat(
                        codeOf(() -> {
                            missions.delete(ann, mission.id(), null, _ -> {});
                            return "deleted";
                        }))
                .isEqualTo("mission_active");

        move(ann, mission, MissionMove.PAUSE);
        missions.delete(ann, mission.id(), null, _ -> {});

        assertThat(codeOf(() -> missions.get(ann, mission.id()))).isEqualTo("not_found");
    }

    @Test
    void pagesGoOnWhereTheyEndedWhateverIsInsertedMeanwhile() {
        List<UUID> made = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            now = now.plusMillis(i % 2);
            made.add(create(ann, "m" + i).id());
        }
        List<UUID> seen = new ArrayList<>();
        MissionQuery.@Nullable Position after = null;
        for (int page = 0; page < 4; page++) {
            for (Mission mission : missions.list(ann, query(null, null, after, 2))) {
                seen.add(mission.id());
                after =
                        new MissionQuery.Position(
                                mission.createdAt(), mission.content().title(), mission.id());
            }
            create(bob, "somebody else's " + page);
        }

        assertThat(seen).containsExactlyElementsOf(made);
    }

    private static MissionQuery query(
            @Nullable String tag,
            @Nullable String text,
            MissionQuery.@Nullable Position after,
            int limit) {
        return new MissionQuery(null, null, tag, text, MissionQuery.Order.OLDEST, after, limit);
    }

    @Test
    void missionsAreFoundByTagAndByTextInAnyCase() {
        create(ann, "To the MOON", "space", "big");
        create(ann, "Groceries", "spa");

        assertThat(missions.list(ann, query("spa", null, null, 10)))
                .extracting(mission -> mission.content().title())
                .containsExactly("Groceries");
        assertThat(missions.list(ann, query(null, "moo", null, 10)))
                .extracting(mission -> mission.content().title())
                .containsExactly("To the MOON");
        assertThat(missions.list(ann, query(null, "%", null, 10))).isEmpty();
        assertThat(missions.list(viewer, query("space", null, null, 10))).hasSize(1);
    }

    @Test
    void aCopyHasTheSameSpecsInTheSameOrderOfNeed() {
        Mission original = create(ann, "original");
        Spec first = spec(original, 101);
        Spec second = spec(original, 102, first);
        specs.changeStatus(ann, first.id(), null, SpecStatus.BLOCKED, null);

        Mission copy =
                database.write(tx -> {
                    Mission bare = missions.duplicate(tx, ann, original.id(), "copy");
                    return specs.copy(tx, ann, original.id(), bare);
                });

        assertThat(copy.content().title()).isEqualTo("copy");
        assertThat(copy.state()).isEqualTo(new MissionState.Draft());
        assertThat(copy.stats()).isEqualTo(new Mission.Stats(2, 0, 0));
        List<Spec> copies = specs.list(ann, copy.id(), null, 0, 10);
        assertThat(copies)
                .extracting(each -> each.content().number(), Spec::status)
                .containsExactly(tuple(101, SpecStatus.PLANNED), tuple(102, SpecStatus.PLANNED));
        assertThat(copies.getLast().content().dependencies())
                .containsExactly(copies.getFirst().id());
        assertThat(specs.get(ann, second.id()).content().dependencies())
                .containsExactly(first.id());
    }

    @Test
    void whatIsNotVisibleIsNotCopied() {
        Mission original = create(ann, "original");

        assertThat(
                        codeOf(() ->
                                database.write(
                                        tx -> missions.duplicate(tx, bob, original.id(), null))))
                .isEqualTo("not_found");
    }

    @Test
    void peopleAreToldWhatOthersDoWithTheirAccountsAndMissions() {
        User user = accounts.register("ann@example.org", PASSWORD, null, ORIGIN);
        var self = new Caller(user.id(), Set.of(Role.USER));
        Mission mission = create(self, "m");
        move(self, mission, MissionMove.START);
        move(admin, mission, MissionMove.PAUSE);
        accounts.change(
                user.id(), new Accounts.Change(Set.of(Role.VIEWER), null, null), admin, ORIGIN);

        List<Event> told =
                events().stream().filter(each -> each.type() == Event.Type.NOTIFICATION).toList();

        assertThat(told)
                .extracting(Event::missionId, Event::from, Event::to, Event::actorId)
                .containsExactly(
                        tuple(mission.id(), "active", "paused", admin.id()),
                        tuple(null, "user", "viewer", admin.id()));
        assertThat(told).allMatch(each -> each.isVisibleTo(self) && each.isVisibleTo(admin));
        assertThat(told).noneMatch(each -> each.isVisibleTo(viewer) || each.isVisibleTo(bob));
    }

    @Test
    void whatIsLoggedIsAnEventToo() {
        Mission mission = create(ann, "m");
        var line = new MissionLog(mission.id(), MissionLog.Level.INFO, "done", null, now);

        database.write(tx -> missions.addLog(tx, ann, mission.id(), line));

        assertThat(events().getLast().type()).isEqualTo(Event.Type.METRICS);
        assertThat(events().getLast().missionId()).isEqualTo(mission.id());
        assertThat(events().getLast().isVisibleTo(viewer)).isTrue();
        assertThat(events().getLast().isVisibleTo(bob)).isFalse();
    }

    @Test
    void whatStandsInTheWayOfASpecIsFound() {
        Mission mission = create(ann, "m");
        Spec first = spec(mission, 1);
        Spec second = spec(mission, 2, first);

        specs.replace(
                ann,
                second.id(),
                null,
                new Spec.Content(
                        2,
                        "Spec 2",
                        new Spec.Texts("", " ", "", ""),
                        Set.of(first.id()),
                        81,
                        List.of()));

        assertThat(specs.findings(ann, first.id())).isEmpty();
        assertThat(specs.findings(ann, second.id()))
                .extracting(SpecFinding::code, SpecFinding::spec)
                .containsExactly(
                        tuple(SpecFinding.Code.EMPTY_CRITERIA, null),
                        tuple(SpecFinding.Code.UNFINISHED_DEPENDENCY, first.id()),
                        tuple(SpecFinding.Code.OVER_BUDGET, null));
        assertThat(codeOf(() -> specs.findings(bob, second.id()))).isEqualTo("not_found");
    }

    @Test
    void aSpecWaitsForWhatItNeeds() {
        Mission mission = create(ann, "m");
        Spec first = spec(mission, 101);
        Spec second = spec(mission, 102, first);

        assertThat(codeOf(() -> become(second, SpecStatus.IN_PROGRESS)))
                .isEqualTo("dependencies_unfinished");

        become(
                first,
                SpecStatus.IN_PROGRESS,
                SpecStatus.IN_REVIEW,
                SpecStatus.TESTING,
                SpecStatus.COMPLETED);

        assertThat(become(second, SpecStatus.IN_PROGRESS).status())
                .isEqualTo(SpecStatus.IN_PROGRESS);
        assertThat(missions.get(ann, mission.id()).stats())
                .isEqualTo(new Mission.Stats(2, 1, 1))
                .extracting(Mission.Stats::completionPercentage)
                .isEqualTo(50.0);
        assertThat(specs.history(ann, first.id(), null, 10))
                .extracting(Spec.Transition::to)
                .containsExactly(
                        SpecStatus.IN_PROGRESS,
                        SpecStatus.IN_REVIEW,
                        SpecStatus.TESTING,
                        SpecStatus.COMPLETED);
    }

    @Test
    void aCycleIsRefusedWhateverItsLength() {
        Mission mission = create(ann, "m");
        Spec first = spec(mission, 1);
        Spec second = spec(mission, 2, first);
        Spec third = spec(mission, 3, second);

        assertThat(
                        codeOf(() ->
                                specs.replace(
                                        ann, first.id(), null, specContent(1, Set.of(third.id())))))
                .isEqualTo("dependency_cycle");
        assertThat(
                        codeOf(() ->
                                specs.replace(
                                        ann, first.id(), null, specContent(1, Set.of(first.id())))))
                .isEqualTo("dependency_cycle");
        assertThat(specs.dependencies(ann, third.id()).nodes())
                .containsOnlyKeys(third.id(), second.id(), first.id());
    }

    @Test
    void aSpecThatOthersNeedStays() {
        Mission mission = create(ann, "m");
        Spec first = spec(mission, 1);
        Spec second = spec(mission, 2, first);

        assertThat(
                        codeOf(() -> {
                            specs.delete(ann, first.id(), null, _ -> {});
                            return "deleted";
                        }))
                .isEqualTo("spec_needed");

        specs.delete(ann, second.id(), null, _ -> {});
        specs.delete(ann, first.id(), null, _ -> {});

        assertThat(specs.list(ann, mission.id(), null, 0, 10)).isEmpty();
    }

    @Test
    void anEventTellsOfEachCommittedChangeAndOfNoneThatWasTakenBack() {
        Mission mission = create(ann, "m");
        assertThatThrownBy(() ->
                        database.write(tx -> {
                            missions.move(tx, ann, mission.id(), MissionMove.START);
                            throw new IllegalStateException("the power fails");
                        }))
                .hasMessage("the power fails");
        assertThat(codeOf(() -> move(ann, mission, MissionMove.PAUSE)))
                .isEqualTo("invalid_transition");
        move(ann, mission, MissionMove.START);

        assertThat(events())
                .extracting(Event::id, Event::type, Event::from, Event::to)
                .containsExactly(
                        tuple(1L, Event.Type.MISSION_CREATED, null, null),
                        tuple(2L, Event.Type.MISSION_STATUS_CHANGED, "draft", "active"));
        assertThat(wakes).hasValue(2);
    }

    @Test
    void eventsOfConcurrentWritersHaveNoGapsAndBecomeVisibleInOrder() throws Exception {
        int writers = 8;
        List<Future<?>> running = new ArrayList<>();
        try (var pool = Executors.newFixedThreadPool(writers)) {
            for (int i = 0; i < writers * 5; i++) {
                running.add(pool.submit(() -> create(ann, "m")));
            }
            long last = 0;
            while (last < running.size()) {
                for (Event event : database.read(tx -> Outbox.after(tx, 0, 1000))) {
                    last = Math.max(last, event.id());
                }
                List<Event> visible = events();
                assertThat(visible)
                        .extracting(Event::id)
                        .containsExactlyElementsOf(
                                LongStream.rangeClosed(1, visible.size()).boxed().toList());
            }
        }
        for (Future<?> each : running) {
            each.get();
        }
    }

    @Test
    void anEmailBelongsToOneAccountInWhateverCase() {
        accounts.register("Ann@Example.org", PASSWORD, null, ORIGIN);

        assertThat(codeOf(() -> accounts.register("aNN@example.ORG", PASSWORD, null, ORIGIN)))
                .isEqualTo("email_taken");
        assertThat(accounts.login("ANN@example.org", PASSWORD, ORIGIN).user().email())
                .isEqualTo("ann@example.org");
        assertThat(codeOf(() -> accounts.login("ann@example.org", "wrong", ORIGIN)))
                .isEqualTo(codeOf(() -> accounts.login("nobody@example.org", "wrong", ORIGIN)))
                .isEqualTo("wrong_credentials");
    }

    @Test
    void aLoginRenewsAHashOfAnotherCost() {
        String cheap = PASSWORDS.hashOfRandom(PASSWORD);
        accounts.bootstrap("admin@example.org", () -> cheap);

        assertThat(codeOf(() -> accounts.login("admin@example.org", "wrong", ORIGIN)))
                .isEqualTo("wrong_credentials");
        assertThat(hashOfTheOnlyUser()).isEqualTo(cheap);

        accounts.login("admin@example.org", PASSWORD, ORIGIN);
        String renewed = hashOfTheOnlyUser();

        assertThat(PASSWORDS.isOutdated(renewed)).isFalse();
        assertThat(accounts.login("admin@example.org", PASSWORD, ORIGIN).user().version())
                .isEqualTo(1);
        assertThat(hashOfTheOnlyUser()).isEqualTo(renewed);
    }

    private String hashOfTheOnlyUser() {
        return database.read(tx ->
                tx.first(row -> row.text("password_hash"), "SELECT password_hash FROM users")
                        .orElseThrow());
    }

    @Test
    void aRefreshTokenShownTwiceEndsItsFamily() {
        accounts.register("ann@example.org", PASSWORD, null, ORIGIN);
        String first = accounts.login("ann@example.org", PASSWORD, ORIGIN).refreshToken();
        String second = accounts.refresh(first, ORIGIN).refreshToken();

        assertThat(codeOf(() -> accounts.refresh(first, ORIGIN)))
                .isEqualTo("invalid_refresh_token");
        assertThat(codeOf(() -> accounts.refresh(second, ORIGIN)))
                .isEqualTo("invalid_refresh_token");
        assertThat(audited()).contains("refresh token_reused");
    }

    @Test
    void aRefreshTokenLastsThirtyDays() {
        accounts.register("ann@example.org", PASSWORD, null, ORIGIN);
        String token = accounts.login("ann@example.org", PASSWORD, ORIGIN).refreshToken();

        now = now.plus(Duration.ofDays(30)).plusSeconds(1);

        assertThat(codeOf(() -> accounts.refresh(token, ORIGIN)))
                .isEqualTo("invalid_refresh_token");
    }

    @Test
    void onlyOneOfManyConcurrentRefreshesIsServed() {
        accounts.register("ann@example.org", PASSWORD, null, ORIGIN);
        String token = accounts.login("ann@example.org", PASSWORD, ORIGIN).refreshToken();
        List<Future<Accounts.Session>> running = new ArrayList<>();
        try (var pool = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 8; i++) {
                running.add(pool.submit(() -> accounts.refresh(token, ORIGIN)));
            }
        }

        assertThat(running).filteredOn(each -> each.state() == Future.State.SUCCESS).hasSize(1);
    }

    @Test
    void aChangedPasswordEndsLogins() {
        User user = accounts.register("ann@example.org", PASSWORD, null, ORIGIN);
        String token = accounts.login("ann@example.org", PASSWORD, ORIGIN).refreshToken();

        accounts.changePassword(user.id(), PASSWORD, "another password", ORIGIN);

        assertThat(codeOf(() -> accounts.refresh(token, ORIGIN)))
                .isEqualTo("invalid_refresh_token");
        assertThat(codeOf(() -> accounts.login("ann@example.org", PASSWORD, ORIGIN)))
                .isEqualTo("wrong_credentials");
        assertThat(accounts.login("ann@example.org", "another password", ORIGIN).user().id())
                .isEqualTo(user.id());
    }

    @Test
    void theLastAdministratorStays() {
        User first =
                accounts.bootstrap("admin@example.org", () -> PASSWORDS.hash(PASSWORD))
                        .orElseThrow();
        User other = accounts.register("bob@example.org", PASSWORD, null, ORIGIN);
        var demotion = new Accounts.Change(Set.of(Role.USER), null, null);

        assertThat(accounts.bootstrap("second@example.org", () -> "not asked for"))
                .isEqualTo(Optional.empty());
        assertThat(codeOf(() -> accounts.change(first.id(), demotion, admin, ORIGIN)))
                .isEqualTo("last_admin");

        accounts.change(
                other.id(), new Accounts.Change(Set.of(Role.ADMIN), null, 1L), admin, ORIGIN);
        User demoted = accounts.change(first.id(), demotion, admin, ORIGIN);

        assertThat(demoted.roles()).containsExactly(Role.USER);
        assertThat(demoted.version()).isEqualTo(2);
    }

    @Test
    void aDisabledAccountIsRefusedAtOnce() {
        User user = accounts.register("ann@example.org", PASSWORD, null, ORIGIN);
        String token = accounts.login("ann@example.org", PASSWORD, ORIGIN).refreshToken();

        accounts.change(user.id(), new Accounts.Change(null, true, null), admin, ORIGIN);

        assertThat(codeOf(() -> accounts.current(user.id()))).isEqualTo("account_disabled");
        assertThat(codeOf(() -> accounts.login("ann@example.org", PASSWORD, ORIGIN)))
                .isEqualTo("account_disabled");
        assertThat(codeOf(() -> accounts.refresh(token, ORIGIN)))
                .isEqualTo("invalid_refresh_token");
    }

    @Test
    void theAuditIsAppendedToAndNeverChanged() {
        accounts.register("ann@example.org", PASSWORD, null, ORIGIN);

        for (String change : List.of("UPDATE audit SET outcome = 'x'", "DELETE FROM audit")) {
            assertThatThrownBy(() -> database.write(tx -> tx.update(change)))
                    .isInstanceOf(DatabaseException.class);
        }
        assertThat(audited()).containsExactly("register ok");
    }

    private List<String> audited() {
        return database.read(tx ->
                tx.list(
                        row -> row.text("action") + " " + row.text("outcome"),
                        "SELECT action, outcome FROM audit ORDER BY id"));
    }

    private PolicyStore policies(Runnable changed) {
        var ids = new TimeOrderedIds(() -> now, RandomGenerator.getDefault());
        var audit = new AuditLog(database, ids, () -> now);
        return new PolicyStore(database, audit, () -> now, Set.of("boss"), changed);
    }

    private void add(PolicyStore policies, Policy policy) {
        var _ =
                database.write(tx -> {
                    policies.add(tx, policy, "ann", ORIGIN);
                    return policy;
                });
        policies.refresh();
    }

    @Test
    void policiesAreKeptAndOtherNodesHearOfThem() {
        var changes = new AtomicInteger();
        PolicyStore here = policies(() -> {});
        PolicyStore elsewhere = policies(changes::incrementAndGet);
        var policy = new Policy("p-1", new MapPattern("a.*"), Action.READ, Effect.DENY);
        assertThat(here.present().inForce()).isFalse();

        add(here, policy);
        elsewhere.refreshIfPossible();
        elsewhere.refreshIfPossible();

        assertThat(here.present()).isEqualTo(new Policies(true, List.of(policy), Set.of("boss")));
        assertThat(elsewhere.present()).isEqualTo(here.present());
        assertThat(changes).hasValue(1);
        assertThat(policies(() -> {}).present()).isEqualTo(here.present());
        assertThat(here.find("p-1")).contains(policy);
        assertThat(audited()).containsExactly("create_policy ok");
    }

    /** PostgreSQL takes no NUL in a text. */
    @Test
    void thereIsNoPolicyWithAnIdThatNoneCanHave() {
        PolicyStore policies = policies(() -> {});

        assertThat(policies.find("\0")).isEmpty();
        assertThatThrownBy(() -> policies.remove("\0", "ann", ORIGIN))
                .isInstanceOf(RefusedException.class);
    }

    @Test
    void withoutTheLastPolicyNothingIsAllowed() {
        PolicyStore policies = policies(() -> {});
        var policy = new Policy("p-1", new MapPattern("*"), Action.ALL, Effect.ALLOW);
        add(policies, policy);
        assertThatThrownBy(() -> add(policies, policy))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refusal -> assertThat(refusal.code()).isEqualTo("policy_exists"));

        policies.remove("p-1", "ann", ORIGIN);

        assertThat(policies.present()).isEqualTo(new Policies(true, List.of(), Set.of("boss")));
        assertThat(policies.list(10, null)).isEmpty();
        assertThatThrownBy(() -> policies.remove("p-1", "ann", ORIGIN))
                .isInstanceOf(RefusedException.class);
    }

    @Test
    void theSigningKeyOutlivesARestart() {
        var keys = new SigningKeys(database, () -> now);

        String again = keys.loadOrGenerate().toString();

        assertThat(new SigningKeys(database, () -> now).loadOrGenerate()).hasToString(again);
    }
}
