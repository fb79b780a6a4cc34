package dev.wingman.security;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Recognises devices that were here before and gives new ones a credential: a device id and its
 * HMAC-SHA256 (RFC 2104) under a key of the server, so that nothing need be kept of it (decision
 * 0010). A credential belongs to the principal it was made for, and proves nothing but that the
 * same device is back.
 *
 * <p>Thread-safe if the random generator is.
 */
public final class DeviceCredentials {
    /** Of the key. */
    public static final int KEY_BYTES = 32;

    private static final String ALGORITHM = "HmacSHA256";
    private static final Pattern TOKEN =
            Pattern.compile("([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\\.([0-9a-f]{64})");

    /**
     * Who the device is to us from now on.
     *
     * @param newToken for the device to show next time; null when it showed one that holds
     */
    public record Device(UUID id, @Nullable String newToken) {
        /** Without the token. */
        @Override
        public String toString() {
            return "Device[" + id + "]";
        }
    }

    private final SecretKeySpec key;
    private final RandomGenerator random;

    /**
     * @param key stays the same for as long as devices shall be known again
     */
    public DeviceCredentials(byte[] key, RandomGenerator random) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("the key has " + key.length + " bytes, not 32");
        }
        this.key = new SecretKeySpec(key, ALGORITHM);
        this.random = random;
    }

    /**
     * Never refuses: what is not recognised becomes a new device.
     *
     * @param subject of the principal; null on an open server
     * @param token as the device shows it; null when it has none
     */
    public Device presentOrMint(@Nullable String subject, @Nullable String token) {
        UUID known = token == null ? null : recognise(subject, token);
        return known == null ? mint(subject) : new Device(known, null);
    }

    private @Nullable UUID recognise(@Nullable String subject, String token) {
        var parts = TOKEN.matcher(token);
        if (!parts.matches()) {
            return null;
        }
        UUID id = UUID.fromString(parts.group(1));
        byte[] shown = HexFormat.of().parseHex(parts.group(2));
        return MessageDigest.isEqual(shown, code(subject, id)) ? id : null;
    }

    private Device mint(@Nullable String subject) {
        UUID id = randomId();
        return new Device(id, id + "." + HexFormat.of().formatHex(code(subject, id)));
    }

    /** A version 4 UUID (RFC 9562, section 5.4). */
    private UUID randomId() {
        long high = (random.nextLong() & ~0xF000L) | 0x4000L;
        long low = (random.nextLong() & ~(3L << 62)) | (1L << 63);
        return new UUID(high, low);
    }

    /**
     * Over the id and the subject; only an open server's have no subject, not even an empty one.
     */
    private byte[] code(@Nullable String subject, UUID id) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(
                    ByteBuffer.allocate(2 * Long.BYTES + 1)
                            .putLong(id.getMostSignificantBits())
                            .putLong(id.getLeastSignificantBits())
                            .put((byte) (subject == null ? 0 : 1))
                            .flip());
            if (subject != null) {
                mac.update(subject.getBytes(StandardCharsets.UTF_8));
            }
            return mac.doFinal();
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, missing);
        }
    }
}
