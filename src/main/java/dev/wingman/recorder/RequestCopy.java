package dev.wingman.recorder;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What is compared and kept of a request while its body comes: redacted, and hashed without being
 * gathered unless it is JSON. For one thread at a time.
 */
final class RequestCopy {
    /** Of the body, for people who look for a difference. */
    private static final int START_BYTES = 4096;

    /** JSON up to this size is brought into its one form on the event loop. */
    private static final int LIGHT_JSON_BYTES = 64 << 10;

    private final String method;
    private final String target;
    private final List<Header> headers;
    private final BodyCopy body;
    private final boolean isJson;
    private final MessageDigest digest = RecordingName.sha256();
    private final ByteArrayOutputStream gathered = new ByteArrayOutputStream();

    RequestCopy(
            String method,
            String target,
            List<Header> headers,
            Redaction redaction,
            Set<String> secretHeaders) {
        this.method = redaction.text(method);
        this.target = redaction.text(target);
        this.headers = redaction.headers(headers, secretHeaders);
        String type = Header.first(headers, "content-type");
        String encoding = Header.first(headers, "content-encoding");
        this.isJson = encoding.isEmpty() && isJson(type);
        this.body = new BodyCopy(redaction, type, encoding, (_, bytes) -> take(bytes));
    }

    private static boolean isJson(String contentType) {
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return type.equals("application/json") || type.endsWith("+json");
    }

    private void take(byte[] bytes) {
        if (!isJson) {
            digest.update(bytes);
        }
        int room = isJson ? bytes.length : START_BYTES - gathered.size();
        gathered.write(bytes, 0, Math.min(room, bytes.length));
    }

    void add(byte[] bytes) {
        body.add(bytes, 0);
    }

    /** Bytes that wait for the end. */
    int heldBytes() {
        return body.heldBytes() + gathered.size();
    }

    /** Whether {@link #end} takes too long for an event loop. */
    boolean isHeavy() {
        return body.isHeavy() || (isJson && gathered.size() > LIGHT_JSON_BYTES);
    }

    /** Empty when the body could not be searched for secrets. */
    Optional<RecordedRequest> end() {
        if (!body.end()) {
            return Optional.empty();
        }
        byte[] kept = gathered.toByteArray();
        byte[] hash;
        if (isJson) {
            hash = digest.digest(CanonicalJson.of(kept).orElse(kept));
        } else {
            hash = digest.digest();
        }
        byte[] start = Arrays.copyOf(kept, Math.min(START_BYTES, kept.length));
        return Optional.of(new RecordedRequest(method, target, headers, hash, start));
    }
}
