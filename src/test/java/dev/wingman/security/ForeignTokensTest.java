package dev.wingman.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wingman.security.TokenVerdict.Reason;
import dev.wingman.security.TokenVerdict.Rejected;
import dev.wingman.security.TokenVerdict.Undecided;
import dev.wingman.security.TokenVerdict.Verified;
import dev.wingman.testing.ForeignIssuer;
import dev.wingman.testing.Tokens;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens that others sign with a key that they keep. */
class ForeignTokensTest {
    private static final ForeignIssuer RSA = ForeignIssuer.rsa("r", 2048);
    private static final ForeignIssuer CURVE = ForeignIssuer.curve("c", "secp256r1");
    private static final String CLAIMS = "{\"sub\":\"alice\",\"exp\":1700000060}";
    private static final Rejected UNSIGNED = new Rejected(Reason.SIGNATURE);

    private static final String LONG_CLAIMS = "{\"sub\":\"alice\",\"exp\":1800000000}";
    private static final Instant START = Instant.ofEpochSecond(1_700_000_000);
    private static final Duration MAX_AGE = Duration.ofHours(1);

    private Instant now = START;
    private String published = "";
    private int reads;
    private Runnable whileReading = () -> {};
    private final List<Planned> background = new ArrayList<>();

    static Stream<ForeignIssuer> issuers() {
        return Stream.of(RSA, CURVE);
    }

    private TokenVerifier trusting(TokenKeys keys) {
        return new TokenVerifier(
                new TokenConfig(keys, null, null, TokenConfig.DEFAULT_LEEWAY), () -> now);
    }

    @ParameterizedTest
    @MethodSource("issuers")
    void aTokenOfThePublicKeyCounts(ForeignIssuer issuer) {
        TokenVerifier verifier = trusting(TokenKey.ofPem(issuer.pem()));

        assertThat(verifier.verify(issuer.token(CLAIMS))).isInstanceOf(Verified.class);
    }

    @Test
    void aKeyInOneLineIsReadToo() {
        TokenVerifier verifier = trusting(TokenKey.ofPem(RSA.pem().replace("\n", "\\n")));

        assertThat(verifier.verify(RSA.token(CLAIMS))).isInstanceOf(Verified.class);
    }

    @Test
    void otherKeysAndAlgorithmsAreRefused() {
        TokenVerifier rsa = trusting(TokenKey.ofPem(RSA.pem()));
        TokenVerifier curve = trusting(TokenKey.ofPem(CURVE.pem()));

        assertThat(rsa.verify(ForeignIssuer.rsa("r", 2048).token(CLAIMS))).isEqualTo(UNSIGNED);
        assertThat(rsa.verify(CURVE.token(CLAIMS))).isEqualTo(UNSIGNED);
        assertThat(rsa.verify(RSA.sign("RS512", "SHA512withRSA", CLAIMS))).isEqualTo(UNSIGNED);
        assertThat(curve.verify(RSA.token(CLAIMS))).isEqualTo(UNSIGNED);
        assertThat(curve.verify(Tokens.unsigned("none", CLAIMS) + ".")).isEqualTo(UNSIGNED);
    }

    /** Everybody knows the public key: as a shared secret it would let everybody sign. */
    @Test
    void aPublicKeyIsNoSecret() {
        TokenVerifier verifier = trusting(TokenKey.ofPem(RSA.pem()));

        for (String secret :
                new String[] {
                    RSA.pem(),
                    RSA.pem().strip(),
                    Base64.getEncoder().encodeToString(RSA.pair().getPublic().getEncoded())
                }) {
            assertThat(verifier.verify(Tokens.sign(secret, CLAIMS))).isEqualTo(UNSIGNED);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "key.pem",
                "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----",
                "-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----",
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"
            })
    void whatIsNoPublicKeyIsRefusedAtTheDoor(String text) {
        assertThatThrownBy(() -> TokenKey.ofPem(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("wingman.security.jwt.public-key must be");
    }

    @Test
    void weakAndUnknownKeysAreRefusedAtTheDoor() {
        for (ForeignIssuer weak :
                new ForeignIssuer[] {
                    ForeignIssuer.rsa("r", 1024), ForeignIssuer.curve("c", "secp384r1")
                }) {
            assertThatThrownBy(() -> TokenKey.ofPem(weak.pem()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("2048 bits");
        }
    }

    private PublishedKeys publishedKeys() {
        return new PublishedKeys(
                () -> {
                    reads++;
                    String answer = published;
                    whileReading.run();
                    if (answer.isEmpty()) {
                        throw new IOException("the issuer is away");
                    }
                    return answer;
                },
                (task, delay) -> background.add(new Planned(now.plus(delay), task)),
                MAX_AGE,
                () -> Duration.between(START, now).toNanos());
    }

    private record Planned(Instant at, Runnable task) {}

    /** Time passes, and what was planned for it happens in between. */
    private void pass(Duration time) {
        Instant end = now.plus(time);
        Planned next = firstUntil(end);
        while (next != null) {
            background.remove(next);
            now = next.at();
            next.task().run();
            next = firstUntil(end);
        }
        now = end;
    }

    private @Nullable Planned firstUntil(Instant end) {
        return background.stream()
                .filter(each -> !each.at().isAfter(end))
                .min(Comparator.comparing(Planned::at))
                .orElse(null);
    }

    private PublishedKeys begun() {
        PublishedKeys keys = publishedKeys();
        keys.begin();
        pass(Duration.ZERO);
        return keys;
    }

    private static @Nullable TokenVerdict now(CompletionStage<TokenVerdict> deciding) {
        return deciding.toCompletableFuture().getNow(null);
    }

    private static String set(String... keys) {
        return "{\"keys\":[" + String.join(",", keys) + "]}";
    }

    @ParameterizedTest
    @MethodSource("issuers")
    void aTokenOfAnyPublishedKeyCounts(ForeignIssuer issuer) {
        published = set(RSA.jwk(), CURVE.jwk());
        PublishedKeys keys = begun();

        assertThat(trusting(keys).verify(issuer.token(CLAIMS))).isInstanceOf(Verified.class);
        assertThat(keys.count()).isEqualTo(2);
        assertThat(reads).isEqualTo(1);
    }

    @Test
    void keysThatAreNotForSignaturesOrTooShortAreLeftOut() {
        ForeignIssuer weak = ForeignIssuer.rsa("weak", 1024);
        String secret = "0123456789abcdef0123456789abcdef";
        String shared =
                "{\"kty\":\"oct\",\"kid\":\"\",\"k\":\"%s\"}"
                        .formatted(
                                Base64.getUrlEncoder()
                                        .encodeToString(secret.getBytes(StandardCharsets.UTF_8)));
        published =
                set(
                        shared,
                        weak.jwk(),
                        CURVE.jwk(),
                        RSA.jwk().replaceFirst("\\{", "{\"use\":\"enc\","));
        TokenVerifier verifier = trusting(begun());

        assertThat(verifier.verify(Tokens.sign(secret, CLAIMS))).isEqualTo(UNSIGNED);
        assertThat(verifier.verify(weak.token(CLAIMS))).isInstanceOf(Undecided.class);
        assertThat(verifier.verify(RSA.token(CLAIMS))).isInstanceOf(Undecided.class);
    }

    @Test
    void theFirstTokenWaitsForTheKeys() {
        published = set(RSA.jwk());
        PublishedKeys keys = publishedKeys();
        keys.begin();

        CompletionStage<TokenVerdict> deciding = trusting(keys).decide(RSA.token(CLAIMS));

        assertThat(now(deciding)).isNull();
        pass(Duration.ZERO);
        assertThat(now(deciding)).isInstanceOf(Verified.class);
        assertThat(reads).isEqualTo(1);
    }

    @Test
    void aTokenWithAFreshKeyWaitsUntilTheKeysAreReadAgain() {
        published = set(RSA.jwk());
        TokenVerifier verifier = trusting(begun());
        pass(Duration.ofMinutes(1));
        published = set(RSA.jwk(), CURVE.jwk());

        CompletionStage<TokenVerdict> deciding = verifier.decide(CURVE.token(LONG_CLAIMS));

        assertThat(now(deciding)).isNull();
        pass(Duration.ZERO);
        assertThat(now(deciding)).isInstanceOf(Verified.class);
    }

    @Test
    void aTokenWithAKeyThatIsNotAmongThemThenIsRefused() {
        published = set(RSA.jwk());
        TokenVerifier verifier = trusting(begun());
        pass(Duration.ofMinutes(1));

        CompletionStage<TokenVerdict> deciding = verifier.decide(CURVE.token(LONG_CLAIMS));
        pass(Duration.ZERO);

        assertThat(now(deciding)).isEqualTo(new Rejected(Reason.UNKNOWN_KEY));
        assertThat(reads).isEqualTo(2);
    }

    @Test
    void whoeverSendsNonsenseHasTheIssuerAskedOnlyEveryTwoSeconds() {
        published = set(RSA.jwk());
        TokenVerifier verifier = trusting(begun());

        for (int i = 0; i < 100; i++) {
            var _ = verifier.decide(CURVE.token(LONG_CLAIMS));
            pass(Duration.ofMillis(100));
        }

        assertThat(reads).isEqualTo(1 + 10_000 / (int) PublishedKeys.PAUSE.toMillis());
    }

    @Test
    void aReadingThatHasBegunIsNotEnoughForATokenThatComesLater() {
        published = set(RSA.jwk());
        PublishedKeys keys = publishedKeys();
        TokenVerifier verifier = trusting(keys);
        keys.begin();
        List<CompletionStage<TokenVerdict>> deciding = new ArrayList<>();
        whileReading =
                () -> {
                    deciding.add(verifier.decide(CURVE.token(CLAIMS)));
                    whileReading = () -> {};
                };

        pass(Duration.ZERO);
        published = set(RSA.jwk(), CURVE.jwk());
        assertThat(now(deciding.getFirst())).isNull();
        pass(PublishedKeys.PAUSE);

        assertThat(now(deciding.getFirst())).isInstanceOf(Verified.class);
    }

    @Test
    void theIssuerIsNotAskedForTokensThatWouldNotCountAnyway() {
        published = set(RSA.jwk());
        PublishedKeys keys = begun();
        var verifier =
                new TokenVerifier(
                        new TokenConfig(keys, "us", "app", TokenConfig.DEFAULT_LEEWAY), () -> now);
        String claims = "{\"sub\":\"a\",\"exp\":%d,\"iss\":\"%s\",\"aud\":\"%s\"}";

        assertThat(
                        now(
                                verifier.decide(
                                        CURVE.token(
                                                claims.formatted(1_800_000_000, "them", "app")))))
                .isEqualTo(new Rejected(Reason.ISSUER));
        assertThat(now(verifier.decide(CURVE.token(claims.formatted(1_800_000_000, "us", "web")))))
                .isEqualTo(new Rejected(Reason.AUDIENCE));
        assertThat(now(verifier.decide(CURVE.token(claims.formatted(1_600_000_000, "us", "app")))))
                .isEqualTo(new Rejected(Reason.EXPIRED));
        assertThat(now(verifier.decide(CURVE.token(claims.formatted(1_800_000_000, "us", "app")))))
                .isNull();
    }

    @Test
    void whileTheIssuerIsAwayNothingIsDecided() {
        TokenVerifier verifier = trusting(begun());

        CompletionStage<TokenVerdict> deciding = verifier.decide(RSA.token(LONG_CLAIMS));
        pass(PublishedKeys.PAUSE);
        assertThat(now(deciding)).isInstanceOf(Undecided.class);
        published = set(RSA.jwk());
        pass(PublishedKeys.RETRY);

        assertThat(verifier.verify(RSA.token(LONG_CLAIMS))).isInstanceOf(Verified.class);
    }

    @Test
    void aWithdrawnKeyIsForgottenWhetherOrNotTokensCome() {
        published = set(RSA.jwk());
        TokenVerifier verifier = trusting(begun());

        published = set(CURVE.jwk());
        pass(PublishedKeys.KEPT);

        assertThat(verifier.verify(RSA.token(LONG_CLAIMS))).isInstanceOf(Undecided.class);
    }

    /** Even one that was checked before. */
    @Test
    void aTokenEndsWithItsKey() {
        published = set(RSA.jwk());
        TokenVerifier verifier = trusting(begun());
        assertThat(verifier.verify(RSA.token(LONG_CLAIMS))).isInstanceOf(Verified.class);

        published = set(CURVE.jwk());
        pass(PublishedKeys.KEPT);

        assertThat(verifier.verify(RSA.token(LONG_CLAIMS))).isInstanceOf(Undecided.class);
    }

    @Test
    void keysThatCannotBeReadAgainCountForAWhile() {
        published = set(RSA.jwk());
        PublishedKeys keys = begun();
        TokenVerifier verifier = trusting(keys);

        published = "";
        pass(MAX_AGE);
        assertThat(verifier.verify(RSA.token(LONG_CLAIMS))).isInstanceOf(Verified.class);
        assertThat(keys.ageSeconds()).isEqualTo(MAX_AGE.toSeconds());
        assertThat(keys.failures()).isPositive();
        pass(Duration.ofSeconds(1));
        assertThat(verifier.verify(RSA.token(LONG_CLAIMS))).isInstanceOf(Undecided.class);
        assertThat(keys.count()).isZero();
        published = set(RSA.jwk());
        pass(PublishedKeys.RETRY);

        assertThat(verifier.verify(RSA.token(LONG_CLAIMS))).isInstanceOf(Verified.class);
    }

    /** Whatever the order: whose key fits knows best, and "perhaps" tells more than "not mine". */
    @Test
    void theMostTellingVerdictOfSeveralIssuersCounts() {
        published = set(RSA.jwk());
        PublishedKeys keys = begun();
        var own =
                new TokenConfig(
                        TokenKey.ofPem(CURVE.pem()), "own", "app", TokenConfig.DEFAULT_LEEWAY);
        var other = new TokenConfig(keys, "other", "app", TokenConfig.DEFAULT_LEEWAY);
        String claims = "{\"sub\":\"a\",\"exp\":%d,\"iss\":\"%s\",\"aud\":\"%s\"}";
        ForeignIssuer unknown = ForeignIssuer.curve("new", "secp256r1");

        for (List<TokenConfig> trusted : List.of(List.of(own, other), List.of(other, own))) {
            var verifier = new TokenVerifier(trusted, () -> now);
            assertThat(verifier.verify(CURVE.token(claims.formatted(1_600_000_000, "own", "app"))))
                    .isEqualTo(new Rejected(Reason.EXPIRED));
            assertThat(verifier.verify(CURVE.token(claims.formatted(1_800_000_000, "own", "web"))))
                    .isEqualTo(new Rejected(Reason.AUDIENCE));
            assertThat(
                            verifier.verify(
                                    unknown.token(claims.formatted(1_800_000_000, "other", "app"))))
                    .isInstanceOf(Undecided.class);
            assertThat(verifier.verify(RSA.token(claims.formatted(1_800_000_000, "other", "app"))))
                    .isInstanceOf(Verified.class);
            assertThat(
                            verifier.verify(
                                    unknown.token(claims.formatted(1_800_000_000, "own", "app"))))
                    .isEqualTo(UNSIGNED);
        }
    }
}
