package dev.wingman.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.security.DeviceCredentials.Device;
import dev.wingman.security.DeviceCredentials.Device.Known;
import dev.wingman.security.DeviceCredentials.Device.Minted;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceCredentialsTest {
    private final Map<String, byte[]> meta = new HashMap<>();
    private final DeviceCredentials credentials =
            new DeviceCredentials(meta::get, new SplittableRandom(1));

    @Test
    void aDeviceWithoutCredentialGetsOneOfTheAgreedForm() {
        Minted minted = mint("alice");

        assertThat(minted.token())
                .matches(
                        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
                                + "\\.[0-9a-f]{64}")
                .startsWith(minted.id() + ".");
    }

    @Test
    void aCommittedCredentialIsRecognised() {
        Minted minted = mint("alice");
        commit(minted);

        Device again = credentials.presentOrMint("alice", minted.token());

        assertThat(again).isEqualTo(new Known(minted.id()));
    }

    @Test
    void anOpenServerRecognisesItsDevicesToo() {
        Minted minted = mint(null);
        commit(minted);

        Device again = credentials.presentOrMint(null, minted.token());

        assertThat(again).isEqualTo(new Known(minted.id()));
    }

    @Test
    void aCredentialThatWasNeverCommittedIsUnknown() {
        Minted minted = mint("alice");

        Device again = credentials.presentOrMint("alice", minted.token());

        assertThat(again).isInstanceOf(Minted.class);
        assertThat(again.id()).isNotEqualTo(minted.id());
    }

    @Test
    void aCredentialOfAnotherPrincipalIsUnknown() {
        Minted ofAlice = mint("alice");
        commit(ofAlice);

        assertThat(credentials.presentOrMint("bob", ofAlice.token())).isInstanceOf(Minted.class);
        assertThat(credentials.presentOrMint(null, ofAlice.token())).isInstanceOf(Minted.class);
    }

    @Test
    void aSubjectCannotPassForTheOpenServer() {
        Minted open = mint(null);
        commit(open);

        assertThat(credentials.presentOrMint("open", open.token())).isInstanceOf(Minted.class);
    }

    @Test
    void aWrongSecretIsUnknown() {
        Minted minted = mint("alice");
        commit(minted);
        char last = minted.token().charAt(minted.token().length() - 1);
        String forged =
                minted.token().substring(0, minted.token().length() - 1)
                        + (last == '0' ? '1' : '0');

        Device stranger = credentials.presentOrMint("alice", forged);

        assertThat(stranger).isInstanceOf(Minted.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "../../etc", "not-a-uuid.00", "1-1-1-1-1.ab", "\u0000"})
    void whatIsNoCredentialAtAllIsUnknown(String token) {
        Device device = credentials.presentOrMint("alice", token);

        assertThat(device).isInstanceOf(Minted.class);
    }

    @Test
    void theSecretIsNeitherStoredNorShown() {
        Minted minted = mint("alice");
        commit(minted);
        String secret = minted.token().substring(minted.token().indexOf('.') + 1);

        assertThat(minted.toString()).doesNotContain(secret);
        assertThat(minted.entry().value()).hasSize(32);
        assertThat(new String(minted.entry().value(), StandardCharsets.ISO_8859_1))
                .doesNotContain(secret);
        assertThat(minted.entry().key()).doesNotContain("alice").doesNotContain(secret);
    }

    @Test
    void keysHaveABoundedLengthWhateverTheSubject() {
        Minted minted = mint("s".repeat(10_000));

        assertThat(minted.entry().key()).hasSizeLessThan(120);
    }

    private Minted mint(@Nullable String subject) {
        return (Minted) credentials.presentOrMint(subject, null);
    }

    private void commit(Minted minted) {
        meta.put(minted.entry().key(), minted.entry().value());
    }
}
