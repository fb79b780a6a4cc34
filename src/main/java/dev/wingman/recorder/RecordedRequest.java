package dev.wingman.recorder;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * A request after redaction: what is compared and what is kept of it.
 *
 * @param target path and query as in the request line
 * @param headers all that are forwarded, in their order
 * @param bodyHash SHA-256 of the body, of its canonical form when it is JSON; of nothing when there
 *     is none
 * @param bodyStart of the body, for people who look for a difference
 */
@SuppressWarnings("ArrayRecordComponent") // compared by content below
record RecordedRequest(
        String method, String target, List<Header> headers, byte[] bodyHash, byte[] bodyStart) {
    /** Raise it with every change of the form: fingerprints of old recordings would not match. */
    private static final int FORM_VERSION = 1;

    /** Sections of the form. The numbers are on disks. */
    private enum Section {
        METHOD(0),
        PATH(1),
        QUERY(2),
        HEADERS(3),
        BODY(4);

        final int tag;

        Section(int tag) {
            this.tag = tag;
        }
    }

    RecordedRequest {
        headers = List.copyOf(headers);
    }

    String path() {
        int end = target.indexOf('?');
        return end < 0 ? target : target.substring(0, end);
    }

    /** Without the question mark; empty when there is none. */
    String query() {
        int end = target.indexOf('?');
        return end < 0 ? "" : target.substring(end + 1);
    }

    /** The pairs of the query in an order that does not depend on that of the request. */
    List<String> queryPairs() {
        if (query().isEmpty()) {
            return List.of();
        }
        return Arrays.stream(query().split("&", -1)).sorted().toList();
    }

    /** Those that take part in matching: by name, each name's values in their order. */
    List<Header> matched(Set<String> names) {
        return headers.stream()
                .map(header -> new Header(header.lowerCaseName(), header.value()))
                .filter(header -> names.contains(header.name()))
                .sorted(Comparator.comparing(Header::name))
                .toList();
    }

    /**
     * @param matchedHeaders names in lower case
     */
    Fingerprint fingerprint(Set<String> matchedHeaders) {
        var form = new Form();
        form.section(Section.METHOD, List.of(latin(method)));
        form.section(
                Section.PATH,
                Arrays.stream(path().split("/", -1)).map(RecordedRequest::decoded).toList());
        form.section(Section.QUERY, queryItems());
        List<byte[]> fields = new ArrayList<>();
        for (Header header : matched(matchedHeaders)) {
            fields.add(latin(header.name()));
            fields.add(latin(header.value()));
        }
        form.section(Section.HEADERS, fields);
        form.section(Section.BODY, List.of(bodyHash));
        return form.hash();
    }

    /** A key without a value is one item of the form, a key with an empty value is two. */
    private List<byte[]> queryItems() {
        @SuppressWarnings("ArrayRecordComponent") // compared by content below
        record Pair(byte[] key, byte[] value, boolean hasValue) {}
        if (query().isEmpty()) {
            return List.of();
        }
        List<Pair> pairs = new ArrayList<>();
        for (String pair : query().split("&", -1)) {
            int equals = pair.indexOf('=');
            pairs.add(
                    equals < 0
                            ? new Pair(decoded(pair), new byte[0], false)
                            : new Pair(
                                    decoded(pair.substring(0, equals)),
                                    decoded(pair.substring(equals + 1)),
                                    true));
        }
        pairs.sort(
                Comparator.comparing(Pair::key, Arrays::compareUnsigned)
                        .thenComparing(Pair::value, Arrays::compareUnsigned)
                        .thenComparing(Pair::hasValue));
        List<byte[]> items = new ArrayList<>();
        for (Pair pair : pairs) {
            items.add(pair.key);
            items.add(new byte[] {(byte) (pair.hasValue ? 1 : 0)});
            items.add(pair.value);
        }
        return items;
    }

    /** Percent-decoded; what is no escape stays as it is. */
    private static byte[] decoded(String text) {
        var out = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            int value = i + 2 < text.length() && text.charAt(i) == '%' ? hex(text, i + 1) : -1;
            out.write(value < 0 ? text.charAt(i) : value);
            i += value < 0 ? 0 : 2;
        }
        return out.toByteArray();
    }

    private static int hex(String text, int at) {
        int high = Character.digit(text.charAt(at), 16);
        int low = Character.digit(text.charAt(at + 1), 16);
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Every section has its tag, its count and the lengths of its items: none can be another. */
    private static final class Form {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final DataOutputStream out = new DataOutputStream(bytes);

        Form() {
            put(FORM_VERSION);
        }

        void section(Section section, List<byte[]> items) {
            put(section.tag);
            put(items.size());
            for (byte[] item : items) {
                put(item.length);
                bytes.writeBytes(item);
            }
        }

        private void put(int number) {
            try {
                out.writeInt(number);
            } catch (IOException e) {
                throw new UncheckedIOException("memory does not fail", e);
            }
        }

        Fingerprint hash() {
            MessageDigest sha256 = RecordingName.sha256();
            return new Fingerprint(sha256.digest(bytes.toByteArray()));
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RecordedRequest that
                && method.equals(that.method)
                && target.equals(that.target)
                && headers.equals(that.headers)
                && Arrays.equals(bodyHash, that.bodyHash)
                && Arrays.equals(bodyStart, that.bodyStart);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bodyHash) + 31 * target.hashCode();
    }

    @Override
    public String toString() {
        return method + " " + target;
    }
}
