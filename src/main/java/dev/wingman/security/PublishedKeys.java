package dev.wingman.security;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.security.Key;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jose4j.jwk.EllipticCurveJsonWebKey;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * The keys that another issuer publishes as a JWK set (RFC 7517), read again every few minutes. A
 * key that is not among them may be a fresh one: {@link #readAgain} says when that is known.
 *
 * <p>Thread-safe.
 */
public final class PublishedKeys implements TokenKeys {
    /** Keys are withdrawn, too: the set is read again after this, even if all are known. */
    static final Duration KEPT = Duration.ofMinutes(5);

    /** After a failure. */
    public static final Duration RETRY = Duration.ofSeconds(10);

    /** Whoever sends nonsense must not have us bother the issuer more often. */
    static final Duration PAUSE = Duration.ofSeconds(2);

    private static final String P_256 = "P-256";

    private static final Logger LOG = Logger.getLogger(PublishedKeys.class);

    private final Source source;
    private final Background background;
    private final Duration maxAge;
    private final LongSupplier nanoTime;
    private final LongAdder failures = new LongAdder();
    private volatile @Nullable Known known;

    /** What the reading that is planned will complete with: whether it succeeded. */
    @GuardedBy("this")
    private CompletableFuture<Boolean> next = new CompletableFuture<>();

    /** Of the plans so far: only the last one counts. */
    @GuardedBy("this")
    private int plans;

    /** Whether somebody waits for the plan, so that no earlier one is needed. */
    @GuardedBy("this")
    private boolean urgent;

    @GuardedBy("this")
    private long begunNanos;

    @GuardedBy("this")
    private Health health = Health.UNREAD;

    private enum Health {
        UNREAD,
        READ,
        FAILING,
        /** Failing for so long that the keys do not count any more. */
        TOO_OLD
    }

    /** Where the set is. */
    @FunctionalInterface
    public interface Source {
        /** The set as JSON; blocks, but not for ever. */
        String read() throws IOException, InterruptedException;
    }

    /** Runs what may block, one task at a time. */
    @FunctionalInterface
    public interface Background {
        void run(Runnable task, Duration delay);
    }

    /** The keys, and when they were asked for. */
    private record Known(List<PublicJsonWebKey> keys, long readNanos) {}

    /**
     * @param maxAge for how long keys count that cannot be read again
     * @param nanoTime monotonic
     */
    public PublishedKeys(
            Source source, Background background, Duration maxAge, LongSupplier nanoTime) {
        this.source = source;
        this.background = background;
        this.maxAge = maxAge;
        this.nanoTime = nanoTime;
        this.begunNanos = nanoTime.getAsLong() - PAUSE.toNanos();
    }

    /**
     * Reads the set before the first token comes, and from then on again and again.
     *
     * @return completes with whether the first reading succeeded
     */
    public synchronized CompletionStage<Boolean> begin() {
        plan(Duration.ZERO);
        urgent = true;
        return next;
    }

    /**
     * The key for a token.
     *
     * @param keyId as the token names it; null when it names none, which is enough where only one
     *     key has the algorithm
     * @param algorithm of the token: RS256 or ES256
     */
    public @Nullable Key find(@Nullable String keyId, String algorithm) {
        List<Key> fitting =
                counting().stream()
                        .filter(key -> keyId == null || keyId.equals(key.getKeyId()))
                        .filter(key -> TokenKey.algorithmOf(key.getPublicKey()).equals(algorithm))
                        .map(JsonWebKey::getKey)
                        .toList();
        return fitting.size() == 1 ? fitting.getFirst() : null;
    }

    @Override
    public Object present() {
        return counting();
    }

    private List<PublicJsonWebKey> counting() {
        Known present = known;
        return present == null || age(present).compareTo(maxAge) > 0 ? List.of() : present.keys();
    }

    private Duration age(Known present) {
        return Duration.ofNanos(nanoTime.getAsLong() - present.readNanos());
    }

    /**
     * Has the set read soon: at once, unless it was just read.
     *
     * @return completes after a reading that has not begun yet, with whether it succeeded
     */
    public synchronized CompletionStage<Boolean> readAgain() {
        if (!urgent) {
            long sinceNanos = nanoTime.getAsLong() - begunNanos;
            Duration rest = PAUSE.minusNanos(sinceNanos);
            plan(rest.isNegative() ? Duration.ZERO : rest);
            urgent = true;
        }
        return next;
    }

    /** How many keys count. */
    public int count() {
        return counting().size();
    }

    /** Since the keys were read; 0 while they never were. */
    public long ageSeconds() {
        Known present = known;
        return present == null ? 0 : age(present).toSeconds();
    }

    /** Readings that did not succeed. */
    public long failures() {
        return failures.sum();
    }

    @GuardedBy("this")
    private void plan(Duration delay) {
        plans++;
        int plan = plans;
        background.run(() -> read(plan), delay);
    }

    /** Does nothing when there is a newer plan. */
    private void read(int plan) {
        CompletableFuture<Boolean> reading;
        long begun;
        synchronized (this) {
            if (plan != plans) {
                return;
            }
            reading = next;
            next = new CompletableFuture<>();
            urgent = false;
            begun = nanoTime.getAsLong();
            begunNanos = begun;
            plans++; // a plan that is made meanwhile is not replaced afterwards
            plan = plans;
        }
        boolean succeeded = attempt(begun);
        synchronized (this) {
            if (plan == plans) {
                plan(succeeded ? KEPT : RETRY);
            }
        }
        reading.complete(succeeded);
    }

    @SuppressWarnings("IllegalCatch") // what others publish may break the library in any way
    private boolean attempt(long begun) {
        try {
            List<PublicJsonWebKey> keys = usable(source.read());
            if (keys.isEmpty()) {
                failed(new IOException("the set has no key that signs"));
                return false;
            }
            succeeded(new Known(keys, begun));
            return true;
        } catch (IOException | JoseException | RuntimeException e) {
            failed(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    private synchronized void succeeded(Known fresh) {
        if (health != Health.READ) {
            LOG.infof("the keys of the token issuer are here keys=%d", fresh.keys().size());
        }
        health = Health.READ;
        known = fresh;
    }

    /** The keys that were known stay good for a while: the issuer may be back soon. */
    private synchronized void failed(Exception failure) {
        failures.increment();
        if (health == Health.UNREAD || health == Health.READ) {
            LOG.warnf(
                    "the keys of the token issuer cannot be read error=%s: check"
                            + " wingman.security.jwt.jwks-url",
                    failure);
            health = Health.FAILING;
        }
        if (health == Health.FAILING && known != null && counting().isEmpty()) {
            LOG.errorf(
                    "the keys of the token issuer could not be read for longer than"
                            + " wingman.security.jwt.jwks-max-age=%s: its tokens are not taken until"
                            + " they can",
                    maxAge);
            health = Health.TOO_OLD;
        }
    }

    /** Without keys for other purposes, of other kinds, and those that are too short. */
    private static List<PublicJsonWebKey> usable(String json) throws JoseException {
        return new JsonWebKeySet(json)
                .getJsonWebKeys().stream()
                        .filter(key -> key.getUse() == null || key.getUse().equals("sig"))
                        .filter(PublishedKeys::isStrong)
                        .map(PublicJsonWebKey.class::cast)
                        .toList();
    }

    private static boolean isStrong(JsonWebKey key) {
        return switch (key) {
            case RsaJsonWebKey rsa ->
                    rsa.getRsaPublicKey().getModulus().bitLength() >= TokenKey.MIN_RSA_BITS;
            case EllipticCurveJsonWebKey curve -> P_256.equals(curve.getCurveName());
            default -> false; // a type of the library: secrets and kinds that are not for us
        };
    }
}
