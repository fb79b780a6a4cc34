package dev.wingman.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wingman.security.TokenVerdict.Reason;
import dev.wingman.security.TokenVerdict.Rejected;
import dev.wingman.security.TokenVerdict.Verified;
import dev.wingman.testing.ForeignIssuer;
import dev.wingman.testing.Tokens;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Queue;
import java.util.stream.Stream;
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

    private Instant now = Instant.ofEpochSecond(1_700_000_000);
    private String published = "";
    private int reads;
    private final Queue<Runnable> background = new ArrayDeque<>();

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
                    if (published.isEmpty()) {
                        throw new IOException("the issuer is away");
                    }
                    return published;
                },
                background::add,
                () -> now);
    }

    private void runBackground() {
        for (Runnable task = background.poll(); task != null; task = background.poll()) {
            task.run();
        }
    }

    private static String set(String... keys) {
        return "{\"keys\":[" + String.join(",", keys) + "]}";
    }

    @ParameterizedTest
    @MethodSource("issuers")
    void aTokenOfAnyPublishedKeyCounts(ForeignIssuer issuer) {
        published = set(RSA.jwk(), CURVE.jwk());
        PublishedKeys keys = publishedKeys();
        keys.begin();
        runBackground();

        assertThat(trusting(keys).verify(issuer.token(CLAIMS))).isInstanceOf(Verified.class);
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
        published = set(shared, weak.jwk(), RSA.jwk().replaceFirst("\\{", "{\"use\":\"enc\","));
        PublishedKeys keys = publishedKeys();
        keys.begin();
        runBackground();
        TokenVerifier verifier = trusting(keys);

        assertThat(verifier.verify(Tokens.sign(secret, CLAIMS))).isEqualTo(UNSIGNED);
        assertThat(verifier.verify(weak.token(CLAIMS))).isEqualTo(UNSIGNED);
        assertThat(verifier.verify(RSA.token(CLAIMS))).isEqualTo(UNSIGNED);
    }

    @Test
    void aFreshKeyIsReadInTheBackgroundAndNotTooOften() {
        published = set(RSA.jwk());
        PublishedKeys keys = publishedKeys();
        keys.begin();
        runBackground();
        TokenVerifier verifier = trusting(keys);
        published = set(RSA.jwk(), CURVE.jwk());

        verifier.verify(CURVE.token(CLAIMS));
        assertThat(background).isEmpty();
        now = now.plusSeconds(11);
        assertThat(verifier.verify(CURVE.token(CLAIMS))).isEqualTo(UNSIGNED);
        assertThat(verifier.verify(CURVE.token(CLAIMS))).isEqualTo(UNSIGNED);
        assertThat(background).hasSize(1);
        runBackground();

        assertThat(verifier.verify(CURVE.token(CLAIMS))).isInstanceOf(Verified.class);
    }

    @Test
    void aWithdrawnKeyIsForgottenAndALostIssuerIsNot() {
        published = set(RSA.jwk());
        PublishedKeys keys = publishedKeys();
        keys.begin();
        runBackground();
        TokenVerifier verifier = trusting(keys);
        String token = RSA.token("{\"sub\":\"alice\",\"exp\":1800000000}");

        published = "";
        now = now.plus(Duration.ofMinutes(6));
        verifier.verify(token);
        runBackground();
        assertThat(verifier.verify(token)).isInstanceOf(Verified.class);
        published = set(CURVE.jwk());
        now = now.plus(Duration.ofMinutes(6));
        verifier.verify(token);
        runBackground();

        assertThat(verifier.verify(token)).isEqualTo(UNSIGNED);
    }
}
