package dev.wingman.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wingman.security.DeviceCredentials.Device;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceCredentialsTest {
    private final byte[] key = new byte[DeviceCredentials.KEY_BYTES];
    private final DeviceCredentials credentials =
            new DeviceCredentials(key, new SplittableRandom(1));

    @Test
    void aDeviceWithoutCredentialGetsOneOfTheAgreedForm() {
        Device device = credentials.presentOrMint("alice", null);

        assertThat(device.newToken())
                .matches(
                        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
                                + "\\.[0-9a-f]{64}")
                .startsWith(device.id() + ".");
    }

    @ParameterizedTest
    @ValueSource(strings = {"alice", ""})
    void aDeviceThatShowsItsCredentialIsKnownAgain(String subject) {
        Device first = credentials.presentOrMint(subject, null);

        Device again = credentials.presentOrMint(subject, first.newToken());

        assertThat(again).isEqualTo(new Device(first.id(), null));
    }

    @Test
    void anOpenServerRecognisesItsDevicesToo() {
        Device first = credentials.presentOrMint(null, null);

        Device again = credentials.presentOrMint(null, first.newToken());

        assertThat(again).isEqualTo(new Device(first.id(), null));
    }

    @Test
    void aServerWithTheSameKeyKnowsTheDevicesOfTheOther() {
        Device first = credentials.presentOrMint("alice", null);
        var restarted = new DeviceCredentials(key, new SplittableRandom(2));

        assertThat(restarted.presentOrMint("alice", first.newToken()).id()).isEqualTo(first.id());
    }

    @Test
    void aServerWithAnotherKeyDoesNot() {
        var other = new byte[DeviceCredentials.KEY_BYTES];
        other[31] = 1;
        Device foreign =
                new DeviceCredentials(other, new SplittableRandom(3)).presentOrMint("alice", null);

        requireUnknown("alice", foreign.newToken());
    }

    @Test
    void aCredentialOfAnotherPrincipalIsUnknown() {
        String ofAlice = tokenOf("alice");

        requireUnknown("bob", ofAlice);
        requireUnknown("", ofAlice);
        requireUnknown(null, ofAlice);
    }

    @Test
    void nobodyCanPassForTheOpenServer() {
        String open = tokenOf(null);

        requireUnknown("", open);
        requireUnknown("open", open);
        requireUnknown("null", open);
    }

    @Test
    void aChangedIdOrCodeIsUnknown() {
        String token = tokenOf("alice");
        for (int i = 0; i < token.length(); i++) {
            char digit = token.charAt(i);
            if (Character.digit(digit, 16) >= 0) {
                char changed = digit == '0' ? '1' : '0';
                requireUnknown("alice", token.substring(0, i) + changed + token.substring(i + 1));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "../../etc", "not-a-uuid.00", "1-1-1-1-1.ab", "\u0000"})
    void whatIsNoCredentialAtAllIsUnknown(String token) {
        requireUnknown("alice", token);
    }

    @Test
    void theTokenIsNotShown() {
        Device device = credentials.presentOrMint("alice", null);

        assertThat(device.toString()).contains(device.id().toString()).doesNotContain(".");
    }

    @Test
    void aKeyOfAnotherLengthIsRefused() {
        assertThatThrownBy(() -> new DeviceCredentials(new byte[31], new SplittableRandom(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private String tokenOf(@Nullable String subject) {
        return Objects.requireNonNull(credentials.presentOrMint(subject, null).newToken());
    }

    private void requireUnknown(@Nullable String subject, @Nullable String token) {
        Device device = credentials.presentOrMint(subject, token);

        assertThat(device.newToken()).isNotNull().isNotEqualTo(token);
    }
}
