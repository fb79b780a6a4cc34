package dev.wingman.rest;

import dev.wingman.security.RefusedException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Versions as entity tags (RFC 9110, section 8.8.3). */
final class Versions {
    private static final Pattern TAG = Pattern.compile("\"(\\d{1,18})\"");

    private Versions() {}

    static String tag(long version) {
        return "\"" + version + "\"";
    }

    static <T> RestResponse<T> ok(T body, long version) {
        return RestResponse.ResponseBuilder.ok(body).header("ETag", tag(version)).build();
    }

    /**
     * The version that {@code If-Match} demands; null when any will do.
     *
     * @throws RefusedException when the header is missing or is no tag of ours
     */
    static @Nullable Long required(@Nullable String ifMatch) {
        if (ifMatch == null) {
            throw new RefusedException(
                    RefusedException.Kind.UNCONDITIONAL,
                    "if_match_required",
                    "send the ETag that you have read as If-Match, or * for any version");
        }
        String tag = ifMatch.strip();
        if (tag.equals("*")) {
            return null;
        }
        Matcher matcher = TAG.matcher(tag);
        // Another form of tag is none that we gave out: it matches no version.
        return matcher.matches() ? Long.valueOf(matcher.group(1)) : Long.valueOf(-1);
    }
}
