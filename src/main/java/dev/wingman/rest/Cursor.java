package dev.wingman.rest;

import dev.wingman.security.RefusedException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Where a page ended, in an opaque text: the sort values of its last item and a sum over the query
 * that it belongs to. It grants nothing, so it need not be secret.
 *
 * <p>Format: base64url of four bytes of checksum and the values, with NUL between them.
 */
final class Cursor {
    private static final int MAX_CHARS = 2_000;
    private static final int SUM_BYTES = 4;

    private Cursor() {}

    /**
     * @param query what makes pages go together: the path, filters and order
     */
    static String of(String query, String... values) {
        byte[] text = String.join("\0", values).getBytes(StandardCharsets.UTF_8);
        byte[] bytes =
                ByteBuffer.allocate(SUM_BYTES + text.length)
                        .putInt(sum(query, text))
                        .put(text)
                        .array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /**
     * The values; null for the first page.
     *
     * @throws RefusedException for what is no cursor of this query
     */
    static @Nullable List<String> read(@Nullable String cursor, String query, int values) {
        if (cursor == null) {
            return null;
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(cursor));
            if (cursor.length() <= MAX_CHARS && bytes.remaining() > SUM_BYTES) {
                int expected = bytes.getInt();
                byte[] text = new byte[bytes.remaining()];
                bytes.get(text);
                String decoded =
                        StandardCharsets.UTF_8
                                .newDecoder()
                                .decode(ByteBuffer.wrap(text))
                                .toString();
                List<String> parts = List.of(decoded.split("\0", -1));
                if (expected == sum(query, text) && parts.size() == values) {
                    return parts;
                }
            }
        } catch (IllegalArgumentException | CharacterCodingException notOurs) {
            throw invalid();
        }
        throw invalid();
    }

    static RefusedException invalid() {
        return new RefusedException(
                RefusedException.Kind.MALFORMED,
                "invalid_cursor",
                "the cursor is none of this query: begin again without it");
    }

    private static int sum(String query, byte[] text) {
        var sum = new CRC32();
        sum.update(query.getBytes(StandardCharsets.UTF_8));
        sum.update(text);
        return (int) sum.getValue();
    }
}
