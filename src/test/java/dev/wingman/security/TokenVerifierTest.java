package dev.wingman.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wingman.security.TokenVerdict.Reason;
import dev.wingman.security.TokenVerdict.Rejected;
import dev.wingman.security.TokenVerdict.Verified;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens are put together by hand here: the library under test must not judge its own work. */
class TokenVerifierTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final String HS256 = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
    private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);

    private final TokenVerifier verifier = verifier(null, null);

    @Test
    void aTokenGivesItsSubjectRolesAndExpiry() {
        String token =
                token("{\"sub\":\"alice\",\"exp\":1700000060,\"roles\":[\"admin\",\"editor\"]}");

        TokenVerdict verdict = verifier.verify(token);

        assertThat(verdict)
                .isEqualTo(
                        new Verified(
                                new Principal("alice", Set.of("admin", "editor")),
                                NOW.plusSeconds(120)));
    }

    /** RFC 7515, appendix A.1: made by others, so that our own signing is tested as well. */
    @Test
    void theExampleOfTheStandardHasAGoodSignature() {
        String example =
                "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
                        + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
                        + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        byte[] key =
                Base64.getUrlDecoder()
                        .decode(
                                "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");

        String ours = sign("HmacSHA256", key, example.substring(0, example.lastIndexOf('.')));

        assertThat(ours).isEqualTo(example);
    }

    @Test
    void rolesAreOptional() {
        TokenVerdict verdict = verifier.verify(token("{\"sub\":\"alice\",\"exp\":1700000060}"));

        assertThat(verdict)
                .isEqualTo(new Verified(new Principal("alice", Set.of()), NOW.plusSeconds(120)));
    }

    @Test
    void aTokenThatExpiredWithinTheLeewayCounts() {
        TokenVerdict verdict = verifier.verify(token("{\"sub\":\"alice\",\"exp\":1699999941}"));

        assertThat(verdict).isInstanceOf(Verified.class);
    }

    @Test
    void aTokenThatExpiredBeyondTheLeewayDoesNot() {
        TokenVerdict verdict = verifier.verify(token("{\"sub\":\"alice\",\"exp\":1699999940}"));

        assertThat(verdict).isEqualTo(new Rejected(Reason.EXPIRED));
    }

    @Test
    void theLeewayIsAsConfigured() {
        var strict =
                new TokenVerifier(new TokenConfig(SECRET, null, null, Duration.ZERO), () -> NOW);

        TokenVerdict verdict = strict.verify(token("{\"sub\":\"alice\",\"exp\":1700000000}"));

        assertThat(verdict).isEqualTo(new Rejected(Reason.EXPIRED));
    }

    @ParameterizedTest
    @CsvSource({"1700000060, true", "1700000061, false"})
    void aTokenForLaterCountsOnceItsTimeIsNear(long notBefore, boolean counts) {
        TokenVerdict verdict =
                verifier.verify(
                        token("{\"sub\":\"alice\",\"exp\":1800000000,\"nbf\":" + notBefore + "}"));

        assertThat(verdict instanceof Verified).isEqualTo(counts);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"exp\":1700000060}",
                "{\"sub\":null,\"exp\":1700000060}",
                "{\"sub\":\"\",\"exp\":1700000060}",
                "{\"sub\":7,\"exp\":1700000060}",
                "{\"sub\":[\"alice\"],\"exp\":1700000060}",
                "{\"sub\":\"alice\"}",
                "{\"sub\":\"alice\",\"exp\":null}",
                "{\"sub\":\"alice\",\"exp\":\"1700000060\"}",
                "{\"sub\":\"alice\",\"exp\":{}}",
                "{\"sub\":\"alice\",\"exp\":1700000060,\"nbf\":\"x\"}",
                "{\"sub\":\"alice\",\"exp\":1700000060,\"roles\":\"admin\"}",
                "{\"sub\":\"alice\",\"exp\":1700000060,\"roles\":[1]}",
                "{\"sub\":\"alice\",\"exp\":1700000060,\"roles\":[null]}",
            })
    void wrongOrMissingClaimsAreRefused(String claims) {
        TokenVerdict verdict = verifier.verify(token(claims));

        assertThat(verdict).isEqualTo(new Rejected(Reason.CLAIMS));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"9223372036854775807", "1e300", "31556889864403200", "99999999999999999999"})
    void anExpiryBeyondTheCalendarIsNoError(String expiry) {
        TokenVerdict verdict = verifier.verify(token("{\"sub\":\"alice\",\"exp\":" + expiry + "}"));

        assertThat(verdict).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "None", "NONE", ""})
    void anUnsignedTokenIsRefused(String algorithm) {
        String header = encode("{\"alg\":\"" + algorithm + "\"}");
        String payload = encode("{\"sub\":\"alice\",\"exp\":1700000060}");

        assertThat(verifier.verify(header + "." + payload + "."))
                .isEqualTo(new Rejected(Reason.SIGNATURE));
        assertThat(verifier.verify(header + "." + payload)).isInstanceOf(Rejected.class);
    }

    @Test
    void aTokenWithoutAlgorithmIsRefused() {
        TokenVerdict verdict =
                verifier.verify(
                        token("{}", "HmacSHA256", SECRET, "{\"sub\":\"a\",\"exp\":1700000060}"));

        assertThat(verdict).isInstanceOf(Rejected.class);
    }

    @ParameterizedTest
    @CsvSource({"HS384, HmacSHA384", "HS512, HmacSHA512"})
    void aStrongerHashWithTheRightKeyIsStillNotOurs(String algorithm, String mac) {
        String longSecret = SECRET + SECRET;
        var config = new TokenConfig(longSecret, null, null, TokenConfig.DEFAULT_LEEWAY);
        String token =
                token(
                        "{\"alg\":\"" + algorithm + "\"}",
                        mac,
                        longSecret,
                        "{\"sub\":\"alice\",\"exp\":1700000060}");

        TokenVerdict verdict = new TokenVerifier(config, () -> NOW).verify(token);

        assertThat(verdict).isEqualTo(new Rejected(Reason.SIGNATURE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "ES256", "PS256", "EdDSA", "hs256"})
    void anotherAlgorithmOverASignatureMadeWithTheSecretIsRefused(String algorithm) {
        String token =
                token(
                        "{\"alg\":\"" + algorithm + "\"}",
                        "HmacSHA256",
                        SECRET,
                        "{\"sub\":\"alice\",\"exp\":1700000060}");

        TokenVerdict verdict = verifier.verify(token);

        assertThat(verdict).isInstanceOf(Rejected.class);
    }

    @Test
    void aKeyThatTheTokenBringsAlongIsNotUsed() {
        String other = "x".repeat(32);
        String header =
                "{\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"" + encode(other) + "\"}}";

        TokenVerdict verdict =
                verifier.verify(
                        token(header, "HmacSHA256", other, "{\"sub\":\"a\",\"exp\":1700000060}"));

        assertThat(verdict).isEqualTo(new Rejected(Reason.SIGNATURE));
    }

    @Test
    void aCriticalHeaderThatWeDoNotKnowIsRefused() {
        String header = "{\"alg\":\"HS256\",\"crit\":[\"magic\"],\"magic\":true}";

        TokenVerdict verdict =
                verifier.verify(
                        token(header, "HmacSHA256", SECRET, "{\"sub\":\"a\",\"exp\":1700000060}"));

        assertThat(verdict).isInstanceOf(Rejected.class);
    }

    @Test
    void aTokenOfAnotherSecretIsRefused() {
        String token =
                token(HS256, "HmacSHA256", "x".repeat(32), "{\"sub\":\"a\",\"exp\":1700000060}");

        TokenVerdict verdict = verifier.verify(token);

        assertThat(verdict).isEqualTo(new Rejected(Reason.SIGNATURE));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"iss\":\"us\",\"aud\":\"wingman\"}|VERIFIED",
                "{\"iss\":\"us\",\"aud\":[\"other\",\"wingman\"]}|VERIFIED",
                "{\"aud\":\"wingman\"}|ISSUER",
                "{\"iss\":\"them\",\"aud\":\"wingman\"}|ISSUER",
                "{\"iss\":\"us\"}|AUDIENCE",
                "{\"iss\":\"us\",\"aud\":\"other\"}|AUDIENCE",
            })
    void issuerAndAudienceAreCheckedWhenConfigured(String claims, String expected) {
        String token = token("{\"sub\":\"alice\",\"exp\":1700000060," + claims.substring(1));

        TokenVerdict verdict = verifier("us", "wingman").verify(token);

        assertThat(verdict instanceof Rejected(Reason reason) ? reason.name() : "VERIFIED")
                .isEqualTo(expected);
    }

    @Test
    void anAudienceThatNobodyAskedForDoesNoHarm() {
        TokenVerdict verdict =
                verifier.verify(token("{\"sub\":\"a\",\"exp\":1700000060,\"aud\":\"other\"}"));

        assertThat(verdict).isInstanceOf(Verified.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "...",
                "....",
                "garbage",
                "a.b.c",
                "a.b.c.d.e",
                "eyJhbGciOiJIUzI1NiJ9",
                "eyJhbGciOiJIUzI1NiJ9..",
                "\u0000\uD800 \n",
                "bnVsbA.bnVsbA.bnVsbA",
                "W10.W10.W10"
            })
    void whatIsNoTokenIsRefused(String text) {
        assertThat(verifier.verify(text)).isInstanceOf(Rejected.class);
    }

    @Test
    void aSignedPayloadThatIsNoObjectIsRefused() {
        assertThat(verifier.verify(token("[]"))).isEqualTo(new Rejected(Reason.MALFORMED));
        assertThat(verifier.verify(token("null"))).isInstanceOf(Rejected.class);
        assertThat(verifier.verify(token("{"))).isEqualTo(new Rejected(Reason.MALFORMED));
    }

    @Test
    void aHugeTokenIsRefusedBeforeItIsDecoded() {
        String token = token("{\"sub\":\"" + "a".repeat(1 << 20) + "\",\"exp\":1700000060}");

        TokenVerdict verdict = verifier.verify(token);

        assertThat(verdict).isEqualTo(new Rejected(Reason.MALFORMED));
    }

    @ParameterizedTest
    @ValueSource(strings = {"=", "==", "!", " ", "\n", "+", "/", "\u00e9"})
    void whatIsNoBase64UrlIsRefused(String other) {
        String token = token("{\"sub\":\"alice\",\"exp\":1700000060}");
        var refused = new Rejected(Reason.MALFORMED);

        assertThat(verifier.verify(token + other)).isEqualTo(refused);
        assertThat(verifier.verify(token.replaceFirst("\\.", other + "."))).isEqualTo(refused);
        assertThat(verifier.verify(other + token)).isEqualTo(refused);
    }

    @Test
    void everyTruncationIsRefused() {
        String token = token("{\"sub\":\"alice\",\"exp\":1700000060}");

        for (int length = 0; length < token.length(); length++) {
            assertThat(verifier.verify(token.substring(0, length))).isInstanceOf(Rejected.class);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void aTokenWithADamagedHeaderOrPayloadIsRefused(long seed) {
        var random = new SplittableRandom(seed);
        String token = token("{\"sub\":\"alice\",\"exp\":1700000060}");
        int signed = token.lastIndexOf('.');
        var damaged = new StringBuilder(token);
        int at = random.nextInt(signed);
        char other = (char) random.nextInt(0x20, 0x250);
        damaged.setCharAt(at, other == token.charAt(at) ? '!' : other);

        TokenVerdict verdict = verifier.verify(damaged.toString());

        assertThat(verdict).isInstanceOf(Rejected.class);
    }

    @Test
    void aShortSecretIsRefusedAtTheDoor() {
        assertThatThrownBy(() -> config("x".repeat(31)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("wingman.security.jwt.secret")
                .hasMessageContaining("32 bytes");
    }

    /** Also one that was found good before, which is not checked again. */
    @Test
    void aGoodTokenIsRefusedFromWhenItsSubjectIsRevoked() {
        Set<String> revoked = new HashSet<>();
        var judge =
                new TokenVerifier(
                        List.of(config(SECRET)), () -> NOW, who -> revoked.contains(who.subject()));
        String alice = token("{\"sub\":\"alice\",\"exp\":1700000060}");
        String bob = token("{\"sub\":\"bob\",\"exp\":1700000060}");
        assertThat(judge.verify(alice)).isInstanceOf(Verified.class);

        revoked.add("alice");

        assertThat(judge.verify(alice)).isEqualTo(new Rejected(Reason.REVOKED));
        assertThat(judge.verify(bob)).isInstanceOf(Verified.class);
        revoked.clear();
        assertThat(judge.verify(alice)).isInstanceOf(Verified.class);
    }

    @Test
    void aPublicKeyIsRefusedAsASecret() {
        assertThatThrownBy(() -> config("-----BEGIN PUBLIC KEY-----\n" + "A".repeat(100)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PEM");
    }

    @Test
    void theConfigurationDoesNotShowTheSecret() {
        assertThat(config(SECRET).toString()).doesNotContain(SECRET);
    }

    private static TokenConfig config(String secret) {
        return new TokenConfig(secret, null, null, TokenConfig.DEFAULT_LEEWAY);
    }

    private static TokenVerifier verifier(@Nullable String issuer, @Nullable String audience) {
        return new TokenVerifier(
                new TokenConfig(SECRET, issuer, audience, TokenConfig.DEFAULT_LEEWAY), () -> NOW);
    }

    private static String token(String claims) {
        return token(HS256, "HmacSHA256", SECRET, claims);
    }

    private static String token(String header, String mac, String secret, String claims) {
        return sign(
                mac,
                secret.getBytes(StandardCharsets.UTF_8),
                encode(header) + "." + encode(claims));
    }

    private static String sign(String algorithm, byte[] key, String signed) {
        try {
            Mac mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(key, algorithm));
            byte[] signature = mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
        } catch (GeneralSecurityException missing) {
            throw new AssertionError(missing);
        }
    }

    private static String encode(String text) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
