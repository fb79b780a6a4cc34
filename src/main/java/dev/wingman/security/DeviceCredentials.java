package dev.wingman.security;

import dev.wingman.storage.CommitBatch.MetaEntry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Recognises devices that were here before and gives new ones a credential: a device id and a
 * secret, of which only the hash is kept. A credential belongs to the principal it was made for,
 * and proves nothing but that the same device is back.
 *
 * <p>Thread-safe if the random generator is. Reading may block on the disk.
 */
public final class DeviceCredentials {
    private static final Pattern TOKEN =
            Pattern.compile("([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\\.([0-9a-f]{64})");
    private static final int SECRET_BYTES = 32;

    /** A read of the server's own values, as {@code RecordStore.readMeta} does it. */
    @FunctionalInterface
    public interface StoredMeta {
        byte @Nullable [] read(String key);
    }

    /** Who the device is to us from now on. */
    public sealed interface Device {
        UUID id();

        record Known(UUID id) implements Device {}

        /**
         * @param token for the device to show next time
         * @param entry to be committed before the token is given out; else the next visit mints
         *     again
         */
        record Minted(UUID id, String token, MetaEntry entry) implements Device {
            /** Without the secret. */
            @Override
            public String toString() {
                return "Minted[" + id + "]";
            }
        }
    }

    private final StoredMeta stored;
    private final RandomGenerator random;

    /**
     * @param random must be unpredictable: the secrets come from it
     */
    public DeviceCredentials(StoredMeta stored, RandomGenerator random) {
        this.stored = stored;
        this.random = random;
    }

    /**
     * Never refuses: what is not recognised becomes a new device. Each new device is kept for good,
     * so a session asks once.
     *
     * @param subject of the principal; null on an open server
     * @param token as the device shows it; null when it has none
     */
    public Device presentOrMint(@Nullable String subject, @Nullable String token) {
        String owner = owner(subject);
        UUID known = token == null ? null : recognise(owner, token);
        return known == null ? mint(owner) : new Device.Known(known);
    }

    private @Nullable UUID recognise(String owner, String token) {
        var parts = TOKEN.matcher(token);
        if (!parts.matches()) {
            return null;
        }
        UUID id = UUID.fromString(parts.group(1));
        byte[] hash = stored.read(metaKey(owner, id));
        return hash != null && MessageDigest.isEqual(hash, sha256(parts.group(2))) ? id : null;
    }

    private Device mint(String owner) {
        UUID id = randomId();
        var bytes = new byte[SECRET_BYTES];
        random.nextBytes(bytes);
        String secret = HexFormat.of().formatHex(bytes);
        var entry = new MetaEntry(metaKey(owner, id), sha256(secret));
        return new Device.Minted(id, id + "." + secret, entry);
    }

    /** A version 4 UUID (RFC 9562, section 5.4). */
    private UUID randomId() {
        long high = (random.nextLong() & ~0xF000L) | 0x4000L;
        long low = (random.nextLong() & ~(3L << 62)) | (1L << 63);
        return new UUID(high, low);
    }

    /** Hashed, since subjects may be long and are nobody's business in a list of keys. */
    private static String owner(@Nullable String subject) {
        return subject == null ? "open" : HexFormat.of().formatHex(sha256(subject));
    }

    private static String metaKey(String owner, UUID id) {
        return "device/" + owner + "/" + id;
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java platform has SHA-256", missing);
        }
    }
}
