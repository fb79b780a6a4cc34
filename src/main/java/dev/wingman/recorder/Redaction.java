package dev.wingman.recorder;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What must not be recorded, and the only way from traffic to fingerprints and files. Headers that
 * are listed lose their value; literals, patterns and the values of JSON keys are replaced wherever
 * they are.
 *
 * <p>Immutable.
 */
public final class Redaction {
    private static final int MIN_SECRET_BYTES = 4;
    private static final int MAX_SECRET_BYTES = 1024;
    private static final Set<String> BINARY = Set.of("image", "audio", "video", "font");
    private static final Set<String> BINARY_APPLICATIONS =
            Set.of("octet-stream", "zip", "pdf", "msgpack", "x-msgpack", "protobuf", "grpc");

    private final List<Literal> literals;
    private final List<Pattern> patterns;
    private final Set<String> jsonKeys;

    /**
     * @param secrets texts of 4 to 1,024 bytes
     * @param patterns regular expressions of RE2
     * @param jsonKeys case, {@code _} and {@code -} make no difference
     * @throws IllegalArgumentException with one line for each that will not do
     */
    public Redaction(List<String> secrets, List<String> patterns, List<String> jsonKeys) {
        List<String> problems = new ArrayList<>();
        for (String secret : secrets) {
            int bytes = secret.getBytes(StandardCharsets.UTF_8).length;
            if (bytes < MIN_SECRET_BYTES || bytes > MAX_SECRET_BYTES) {
                problems.add(
                        "wingman.recorder.secrets must be 4 to 1024 bytes each, one has " + bytes);
            } else if (SecretSearch.PLACEHOLDER.contains(secret)) {
                problems.add(
                        "wingman.recorder.secrets must not be part of "
                                + SecretSearch.PLACEHOLDER
                                + ", which stands where they were");
            }
        }
        this.patterns = new ArrayList<>();
        for (String pattern : patterns) {
            try {
                this.patterns.add(Pattern.compile(pattern));
            } catch (PatternSyntaxException e) {
                problems.add("wingman.recorder.patterns: " + e.getMessage());
            }
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
        this.literals = secrets.stream().map(Literal::new).toList();
        this.jsonKeys =
                jsonKeys.stream()
                        .map(JsonKeyFilter::normal)
                        .filter(key -> !key.isEmpty())
                        .collect(Collectors.toUnmodifiableSet());
    }

    /** Text of which one character is one byte. */
    String text(String text) {
        if (literals.isEmpty() && patterns.isEmpty()) {
            return text;
        }
        var result = new Bytes();
        var search = new SecretSearch<>(literals, patterns, false, result);
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        search.add(bytes, 0, bytes.length);
        search.end();
        return result.out.toString(StandardCharsets.ISO_8859_1);
    }

    /**
     * @param secretNames headers whose value is taken out whole, in lower case
     */
    List<Header> headers(List<Header> headers, Set<String> secretNames) {
        return headers.stream()
                .map(header ->
                        new Header(
                                text(header.name()),
                                secretNames.contains(header.lowerCaseName())
                                        ? SecretSearch.PLACEHOLDER
                                        : text(header.value())))
                .toList();
    }

    /** Whether a body of this type could hold something that must be taken out. */
    boolean concerns(String contentType) {
        return !literals.isEmpty() || !patterns.isEmpty() || hasKeys(contentType);
    }

    /**
     * Redacts a body that comes in pieces.
     *
     * @param contentType as its header says; decides whether keys of JSON are looked for
     */
    <M> Body<M> body(String contentType, SecretSearch.Sink<M> sink) {
        return new Body<>(
                hasKeys(contentType) ? new JsonKeyFilter(jsonKeys) : null,
                new SecretSearch<>(literals, patterns, isText(contentType), sink));
    }

    /** Of a whole body. */
    byte[] body(String contentType, byte[] whole) {
        var result = new Bytes();
        Body<Object> body = body(contentType, result);
        body.add(whole);
        body.end();
        return result.out.toByteArray();
    }

    private boolean hasKeys(String contentType) {
        return !jsonKeys.isEmpty() && isText(contentType);
    }

    /** Everything that is not known to be something else: senders are careless with types. */
    private static boolean isText(String contentType) {
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        int slash = type.indexOf('/');
        if (slash < 0) {
            return true;
        }
        String subtype = type.substring(slash + 1);
        return !BINARY.contains(type.substring(0, slash))
                && !(type.startsWith("application/") && BINARY_APPLICATIONS.contains(subtype));
    }

    /** The literals that a file must not contain. */
    List<Literal> literals() {
        return literals;
    }

    /** One body on its way. Confined to one thread. */
    static final class Body<M> {
        private final @Nullable JsonKeyFilter keys;
        private final SecretSearch<M> search;

        private Body(@Nullable JsonKeyFilter keys, SecretSearch<M> search) {
            this.keys = keys;
            this.search = search;
        }

        void add(byte[] piece) {
            byte[] rest = keys == null ? piece : keys.filter(piece);
            search.add(rest, 0, rest.length);
        }

        /** Comes out where it was put in, or after what was replaced around it. */
        void mark(M mark) {
            search.mark(mark);
        }

        void end() {
            search.end();
        }
    }

    /** Gathers. */
    private static final class Bytes implements SecretSearch.Sink<Object> {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();

        @Override
        public void bytes(byte[] source, int from, int to) {
            out.write(source, from, to - from);
        }

        @Override
        public void mark(Object mark) {}
    }
}
