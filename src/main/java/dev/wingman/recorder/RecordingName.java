package dev.wingman.recorder;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/** Name of a recording, 1 to 255 of {@code A-Z a-z 0-9 _ - . /}, as safe relative segments. */
public record RecordingName(String value) {
    private static final int MAX_CHARS = 255;
    private static final int READABLE_CHARS = 40;
    private static final int HASH_BYTES = 12;

    /** A segment has a first and last character that is no dot, and no two dots in a row. */
    private static final Pattern SAFE =
            Pattern.compile("(?!.*\\.\\.)[\\w-](?:[\\w.-]*[\\w-])?(?:/[\\w-](?:[\\w.-]*[\\w-])?)*");

    /** For requests that name none. */
    static final RecordingName DEFAULT = new RecordingName("default");

    public RecordingName {
        if (value.length() > MAX_CHARS || !SAFE.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "a recording's name is 1 to 255 letters, digits, _ - . and / without '..',"
                            + " and no part of it begins or ends with a dot");
        }
    }

    /** Empty when the text will not do. */
    public static Optional<RecordingName> parse(String text) {
        try {
            return Optional.of(new RecordingName(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * File name without extension: what can be read of the name, and a hash, so that length,
     * slashes and file systems that ignore case do no harm.
     */
    String fileStem() {
        String readable = value.replace('/', '+');
        return readable.substring(0, Math.min(READABLE_CHARS, readable.length())) + "~" + hash();
    }

    private String hash() {
        byte[] digest = sha256().digest(value.getBytes(StandardCharsets.US_ASCII));
        return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RecordingName name && value.equals(name.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
