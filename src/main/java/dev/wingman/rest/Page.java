package dev.wingman.rest;

import dev.wingman.security.RefusedException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list, as it is asked for.
 *
 * @param path of the list
 * @param filters as they were given, in a fixed order; null where one was not
 */
record Page(
        String path, Map<String, @Nullable String> filters, int limit, @Nullable String cursor) {
    static final int MAX_LIMIT = 100;

    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");
    private static final Pattern WHOLE_NUMBER = Pattern.compile("-?[0-9]{1,20}");

    /**
     * @param filters names and values by turns
     */
    static Page of(Visit visit, PageRequest request, @Nullable String... filters) {
        Map<String, @Nullable String> named = new LinkedHashMap<>();
        for (int i = 0; i < filters.length; i += 2) {
            String value = filters[i + 1];
            if (value != null && !StrictJson.isStorable(value)) {
                throw new RefusedException(
                        RefusedException.Kind.MALFORMED,
                        "bad_request",
                        filters[i] + ": text has a NUL");
            }
            named.put(String.valueOf(filters[i]), value);
        }
        return new Page(visit.path(), named, limit(request.limit()), request.cursor());
    }

    private static int limit(String text) {
        if (!WHOLE_NUMBER.matcher(text).matches()) {
            throw new RefusedException(
                    RefusedException.Kind.MALFORMED,
                    "bad_request",
                    "limit: a whole number is expected");
        }
        int limit = text.length() > 3 ? 0 : Integer.parseInt(text);
        if (limit < 1 || limit > MAX_LIMIT) {
            throw RefusedException.invalid("limit", "must be 1 to " + MAX_LIMIT);
        }
        return limit;
    }

    /**
     * What the cursor says; null for the first page.
     *
     * @param values so many are in it
     * @param parse reads them; what it throws is the cursor's fault, which anybody can make up
     */
    <T> @Nullable T position(int values, Function<List<String>, T> parse) {
        List<String> found = Cursor.read(cursor, query(), values);
        if (found == null) {
            return null;
        }
        try {
            return parse.apply(found);
        } catch (IllegalArgumentException | DateTimeException notOurs) {
            throw Cursor.invalid();
        }
    }

    /** The only value in the cursor, an id; null for the first page. */
    @Nullable UUID positionId() {
        return position(1, values -> UUID.fromString(values.getFirst()));
    }

    /**
     * A time in a cursor, for {@link #position}: one that every database can compare with its own.
     */
    static Instant time(String text) {
        Instant time = Instant.parse(text);
        if (time.isBefore(Instant.EPOCH) || time.isAfter(LATEST)) {
            throw new IllegalArgumentException("nothing that is kept was made then");
        }
        return time;
    }

    private String query() {
        return path + filters;
    }

    /** How many to look for: one more than asked tells whether there is another page. */
    int fetch() {
        return limit + 1;
    }

    /**
     * The answer.
     *
     * @param found up to {@link #fetch}
     * @param position the values for the cursor behind an item
     * @param body from the items and the next cursor
     */
    <T, J> RestResponse<J> answer(List<T> found, Function<T, String[]> position, Body<T, J> body) {
        boolean isLast = found.size() <= limit;
        List<T> items = isLast ? found : found.subList(0, limit);
        String next = isLast ? null : Cursor.of(query(), position.apply(items.getLast()));
        var response = RestResponse.ResponseBuilder.ok(body.of(items, next));
        if (next != null) {
            response.header("Link", "<" + link(next) + ">; rel=\"next\"");
        }
        return response.build();
    }

    /** Makes the body of a page. */
    @FunctionalInterface
    interface Body<T, J> {
        J of(List<T> items, @Nullable String next);
    }

    private String link(String next) {
        var link = new StringBuilder(path).append("?limit=").append(limit);
        filters.forEach((name, value) -> {
            if (value != null) {
                link.append('&')
                        .append(name)
                        .append('=')
                        .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
            }
        });
        return link.append("&cursor=").append(next).toString();
    }
}
