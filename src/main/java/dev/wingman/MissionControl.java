package dev.wingman;

import dev.wingman.mission.Event;
import dev.wingman.mission.EventBroadcast;
import dev.wingman.mission.EventFeed;
import dev.wingman.mission.Missions;
import dev.wingman.mission.Outbox;
import dev.wingman.mission.Specs;
import dev.wingman.protocol.Datum;
import dev.wingman.protocol.TopicName;
import dev.wingman.protocol.Value;
import dev.wingman.rest.LiveSettings;
import dev.wingman.rest.RestServer;
import dev.wingman.security.KeyedRateLimits;
import dev.wingman.security.Principal;
import dev.wingman.security.PublishedKeys;
import dev.wingman.security.TokenConfig;
import dev.wingman.security.TokenVerifier;
import dev.wingman.security.account.Accounts;
import dev.wingman.security.account.AuditLog;
import dev.wingman.security.account.Caller;
import dev.wingman.security.account.Passwords;
import dev.wingman.security.account.RefreshTokens;
import dev.wingman.security.account.Revocations;
import dev.wingman.security.account.SigningKeys;
import dev.wingman.security.account.TokenIssuer;
import dev.wingman.security.account.User;
import dev.wingman.security.policy.Policies;
import dev.wingman.security.policy.PolicyStore;
import dev.wingman.storage.sql.Database;
import dev.wingman.storage.sql.TimeOrderedIds;
import dev.wingman.sync.SyncServer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Accounts, missions and their events put together, as {@link Node} is for the sync server.
 *
 * <p>Thread-safe. {@link #open} is called once, {@link #close} after it.
 */
final class MissionControl {
    private static final Logger LOG = Logger.getLogger("dev.wingman");

    /** Of our own access tokens: their issuer has the same clock. */
    private static final Duration LEEWAY = Duration.ofSeconds(5);

    /** How soon other nodes know of a policy, and of an account that has come to an end. */
    private static final Duration NEWS_PAUSE = Duration.ofSeconds(2);

    /** Logins that may wait for a thread: at half a second each, the last waits 16 s on 2 cores. */
    private static final int MAX_WAITING_LOGINS = 64;

    // Not static: a native image would be built with its value in it.
    private final SecureRandom random = new SecureRandom();

    private final Settings.Access access;
    private final RestSettings settings;
    private final Duration sendTimeout;
    private final Supplier<Database> opening;
    private final InstantSource clock = InstantSource.system();
    private final EventBroadcast broadcast = new EventBroadcast();
    private final ScheduledExecutorService carrier;
    private final ScheduledExecutorService timer;
    private final ThreadPoolExecutor hashing;
    private final ExecutorService questions;
    private final @Nullable PublishedKeys published;
    private volatile RestServer.@Nullable Parts parts;

    /** Null until there is one to tell of events. */
    private volatile @Nullable SyncServer told;

    /** Closes the sockets of those who may not stay; null until there are some. */
    private volatile @Nullable Runnable sweep;

    /**
     * @param sendTimeout for which a listener to events may take nothing
     * @param opening brings the tables up to date and gives them; may block
     */
    MissionControl(
            Settings.Access access,
            RestSettings settings,
            Duration sendTimeout,
            Supplier<Database> opening) {
        this.access = access;
        this.sendTimeout = sendTimeout;
        this.settings = settings;
        this.opening = opening;
        this.published = IssuerKeys.of(access);
        this.carrier = Executors.newSingleThreadScheduledExecutor(Node.daemon("events"));
        this.timer = Executors.newSingleThreadScheduledExecutor(Node.daemon("event-streams"));
        this.questions = Executors.newSingleThreadExecutor(Node.daemon("topic-access"));
        int processors = Runtime.getRuntime().availableProcessors();
        this.hashing =
                new ThreadPoolExecutor(
                        processors,
                        processors,
                        0,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(MAX_WAITING_LOGINS),
                        Node.daemon("logins"));
    }

    /** Of another issuer; null when none publishes its keys. */
    @Nullable PublishedKeys issuerKeys() {
        return published;
    }

    /** What the resources use; its parts are there once the database is open. */
    RestServer server() {
        var live =
                new LiveSettings(
                        new LiveSettings.Values(
                                settings.registration(),
                                settings.rateLimit(),
                                settings.authRateLimit()));
        var users =
                new KeyedRateLimits(
                        () -> live.values().rateLimit(), settings.rateWindow(), System::nanoTime);
        var addresses =
                new KeyedRateLimits(
                        () -> live.values().authRateLimit(),
                        Duration.ofSeconds(60),
                        System::nanoTime);
        return new RestServer(
                () -> parts, live, new RestServer.Limits(users, addresses, sendTimeout));
    }

    /**
     * Opens the database, makes what the first start needs, and begins to carry events.
     *
     * @throws dev.wingman.storage.sql.DatabaseException when the database fails
     */
    void open() {
        Database database = opening.get();
        var ids = new TimeOrderedIds(clock, random);
        var audit = new AuditLog(database, ids, clock);
        var issuer =
                new TokenIssuer(
                        signer(database),
                        access.trustsAnother() ? null : access.issuer(),
                        access.trustsAnother() ? null : access.audience(),
                        clock);
        var passwords = new Passwords(settings.passwordCost(), random);
        var feed = new EventFeed(database, broadcast, carrier);
        var outbox = new Outbox(feed::wake);
        var revocations = new Revocations(database, access.leeway(), clock, this::accountsEnded);
        var accounts =
                new Accounts(
                        new Accounts.Parts(
                                database,
                                passwords,
                                issuer,
                                new RefreshTokens(random, clock),
                                revocations,
                                audit,
                                ids,
                                outbox::accountChanged,
                                clock));
        bootstrap(accounts, passwords);
        var policies =
                new PolicyStore(
                        database, audit, clock, settings.adminSubjects(), this::policiesChanged);
        feed.begin();
        poll(policies::refreshIfPossible);
        poll(revocations::refreshIfPossible);
        parts =
                new RestServer.Parts(
                        database,
                        accounts,
                        revocations,
                        audit,
                        policies,
                        issuer,
                        new TokenVerifier(trusted(issuer, LEEWAY), clock),
                        other(),
                        ids,
                        new Missions(database, outbox, ids, clock),
                        new Specs(database, outbox, ids, clock),
                        broadcast,
                        hashing,
                        timer,
                        clock);
    }

    private void poll(Runnable news) {
        var _ =
                carrier.scheduleWithFixedDelay(
                        new Chore(news),
                        NEWS_PAUSE.toSeconds(),
                        NEWS_PAUSE.toSeconds(),
                        TimeUnit.SECONDS);
    }

    private TokenIssuer.Signer signer(Database database) {
        return access.secret() == null
                ? new SigningKeys(database, clock).loadOrGenerate()
                : new TokenIssuer.Signer.Secret(access.secret());
    }

    /** A secret is also in the hands of others, whose tokens may lack what ours have. */
    private List<TokenConfig> trusted(TokenIssuer issuer, Duration leeway) {
        List<TokenConfig> trusted = new ArrayList<>(access.configured(published, leeway));
        if (access.secret() == null) {
            trusted.addFirst(issuer.trust(leeway));
        }
        return trusted;
    }

    private RestServer.@Nullable OtherIssuer other() {
        return access.trustsAnother()
                ? new RestServer.OtherIssuer(
                        access.issuer(),
                        new TokenVerifier(access.configured(published, access.leeway()), clock))
                : null;
    }

    /** For the sync server. Only once open. */
    TokenVerifier tokens() {
        RestServer.Parts present = opened();
        return new TokenVerifier(
                trusted(present.issuer(), access.leeway()), clock, present.revocations()::covers);
    }

    /**
     * What became of the account with this subject that may not be used any more; null while it
     * may. Only once open.
     */
    @Nullable String endOf(String subject) {
        Revocations.Cause cause = opened().revocations().cause(subject);
        return cause == null ? null : cause.text();
    }

    private RestServer.Parts opened() {
        RestServer.Parts present = parts;
        if (present == null) {
            throw new IllegalStateException("the database is not open yet");
        }
        return present;
    }

    private void bootstrap(Accounts accounts, Passwords passwords) {
        String email = settings.bootstrapEmail();
        String configured = settings.bootstrapPassword();
        if (configured == null) {
            String invented = inventedPassword();
            accounts.bootstrap(email, () -> passwords.hashOfRandom(invented))
                    .ifPresent(admin ->
                            tell(admin, "password=" + invented + " (shown once: change it)"));
        } else {
            accounts.bootstrap(email, () -> passwords.hash(configured))
                    .ifPresent(admin -> tell(admin, "with the configured password"));
        }
    }

    private static void tell(User admin, String password) {
        LOG.warnf("first start: made the administrator email=%s %s", admin.email(), password);
    }

    private String inventedPassword() {
        var bytes = new byte[18];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Who follows the events by SSE. */
    int listeners() {
        return broadcast.listeners();
    }

    /** Hashes of passwords that wait for a processor. */
    int waitingLogins() {
        return hashing.getQueue().size();
    }

    /** What may be done with maps. Only once open. */
    Policies policies() {
        return opened().policies().present();
    }

    private void policiesChanged() {
        SyncServer server = told;
        if (server != null) {
            server.accessChanged();
        }
    }

    private void accountsEnded() {
        Runnable present = sweep;
        if (present != null) {
            present.run();
        }
        broadcast.ring();
    }

    /**
     * Has every event published to its topics, and changed policies take effect.
     *
     * @param sweep closes the sockets of accounts that have an {@link #endOf}; does not block
     */
    void tell(SyncServer server, Runnable sweep) {
        this.sweep = sweep;
        told = server;
        broadcast.follow(event -> publish(server, event));
    }

    private static void publish(SyncServer server, Event event) {
        Value data = value(event);
        if (event.type() == Event.Type.NOTIFICATION) {
            server.tell(new TopicName("users/" + event.ownerId()), data, who -> sees(who, event));
            return;
        }
        server.tell(new TopicName("missions"), data, who -> sees(who, event));
        if (event.missionId() != null) {
            var topic = new TopicName("missions/" + event.missionId());
            server.tell(topic, data, who -> sees(who, event));
        }
    }

    private static boolean sees(@Nullable Principal who, Event event) {
        return who != null && event.isVisibleTo(caller(who));
    }

    private static Caller caller(Principal who) {
        return Caller.of(who);
    }

    private static Value value(Event event) {
        Map<String, Datum> fields = new LinkedHashMap<>();
        fields.put("id", new Datum.Whole(event.id()));
        fields.put("type", new Datum.Text(event.type().text()));
        fields.put("at", new Datum.Text(event.at().toString()));
        put(fields, "mission_id", event.missionId());
        put(fields, "spec_id", event.specId());
        put(fields, "from", event.from());
        put(fields, "to", event.to());
        if (event.version() != null) {
            fields.put("version", new Datum.Whole(event.version()));
        }
        put(fields, "actor_id", event.actorId());
        return Value.of(new Datum.Dictionary(fields));
    }

    private static void put(Map<String, Datum> fields, String name, @Nullable Object value) {
        if (value != null) {
            fields.put(name, new Datum.Text(value.toString()));
        }
    }

    /** Whether somebody may follow a topic of events. Does not block. */
    CompletionStage<Boolean> mayFollow(@Nullable Principal who, TopicName topic) {
        if (who == null) {
            return CompletableFuture.completedFuture(false);
        }
        Caller caller = caller(who);
        String name = topic.value();
        if (name.equals("missions")) {
            return CompletableFuture.completedFuture(true);
        }
        String last = name.substring(name.indexOf('/') + 1);
        if (name.startsWith("users/")) {
            return CompletableFuture.completedFuture(last.equals(caller.id().toString()));
        }
        UUID mission = Caller.id(last);
        return mission.toString().equals(last)
                ? CompletableFuture.supplyAsync(
                        () -> opened().missions().isVisible(caller, mission), questions)
                : CompletableFuture.completedFuture(false);
    }

    /** Stops carrying events and taking logins. */
    void close() {
        timer.shutdownNow();
        carrier.shutdownNow();
        questions.shutdownNow();
        hashing.shutdownNow();
    }
}
