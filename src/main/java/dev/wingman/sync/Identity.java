package dev.wingman.sync;

import dev.wingman.connection.ConnectionHandle;
import dev.wingman.security.DeviceCredentials.Device;
import dev.wingman.security.Principal;
import dev.wingman.security.TokenVerdict;
import dev.wingman.security.TokenVerifier;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of a connection: the subject of a token, and a device.
 *
 * <p>Confined to the session.
 */
final class Identity {
    /** What came of a token. */
    enum Outcome {
        ADMITTED,
        /** Admitted before; there is nothing to say. */
        KNOWN,
        REFUSED,
        /** Nobody can tell now: the client is to come again. */
        UNDECIDED
    }

    private final SyncServer server;
    private final ConnectionHandle connection;
    private boolean admitted;

    /** Whoever fans out reads it, too. */
    private volatile @Nullable Principal principal;

    private @Nullable Device device;

    /** Of the token that counts: the client sends each twice, and checking is expensive. */
    private int tokenHash;

    /** Until a later token does not hold. */
    private boolean renewable = true;

    Identity(SyncServer server, ConnectionHandle connection) {
        this.server = server;
        this.connection = connection;
    }

    boolean isAdmitted() {
        return admitted;
    }

    /** The subject of the token; null on an open server. */
    @Nullable String subject() {
        return principal == null ? null : principal.subject();
    }

    /** How others may know who it is; null when nobody does. */
    @Nullable String name() {
        if (principal != null) {
            return principal.subject();
        }
        return device == null ? null : device.id().toString();
    }

    /** Lets everybody in. */
    void admitAnyone() {
        admit(null, null);
    }

    /**
     * Hands over a token.
     *
     * @param loop of the session
     * @return completed, unless the keys of an issuer are read first; then it completes on the loop
     */
    CompletionStage<Outcome> present(String token, Executor loop) {
        TokenVerifier tokens = server.tokens();
        if (tokens == null) {
            return CompletableFuture.completedFuture(Outcome.ADMITTED);
        }
        if (admitted && (!renewable || token.hashCode() == tokenHash)) {
            return CompletableFuture.completedFuture(Outcome.KNOWN);
        }
        CompletionStage<TokenVerdict> deciding = tokens.decide(token);
        Executor here = deciding.toCompletableFuture().isDone() ? Runnable::run : loop;
        return deciding.thenApplyAsync(verdict -> take(token, verdict), here);
    }

    private Outcome take(String token, TokenVerdict verdict) {
        if (admitted) {
            renew(token, verdict);
            return Outcome.KNOWN;
        }
        return switch (verdict) {
            case TokenVerdict.Verified(var who, var validUntil) -> {
                tokenHash = token.hashCode();
                admit(who, validUntil);
                yield Outcome.ADMITTED;
            }
            case TokenVerdict.Rejected _ -> {
                server.counters().refusedToken();
                yield Outcome.REFUSED;
            }
            case TokenVerdict.Undecided _ -> Outcome.UNDECIDED;
        };
    }

    /** A new token of the same subject takes the place of the one that will expire. */
    private void renew(String token, TokenVerdict verdict) {
        if (verdict instanceof TokenVerdict.Undecided) {
            return; // the next one may do
        }
        if (verdict instanceof TokenVerdict.Verified(var who, var validUntil)
                && principal != null
                && who.subject().equals(principal.subject())
                && who.foreign() == principal.foreign()) {
            tokenHash = token.hashCode();
            admit(who, validUntil);
        } else {
            renewable = false;
        }
    }

    /** Null while nobody is known. Any thread may ask. */
    @Nullable Principal principal() {
        return principal;
    }

    private void admit(@Nullable Principal who, @Nullable Instant until) {
        admitted = true;
        principal = who;
        connection.metadata().authenticate(subject(), who != null && who.foreign(), until);
    }

    /** The device that shows the credential. A session is of one. */
    Device bind(@Nullable String credential) {
        if (device == null) {
            String subject = principal == null ? null : principal.subject();
            device = server.devices().presentOrMint(subject, credential);
            return device;
        }
        return new Device(device.id(), null);
    }
}
