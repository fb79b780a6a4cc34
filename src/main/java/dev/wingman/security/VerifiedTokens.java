package dev.wingman.security;

import dev.wingman.security.TokenVerdict.Verified;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that were found good. They come with every request, and checking an ES256 signature again
 * takes longer than all the rest of a simple one.
 *
 * <p>Thread-safe. Only good tokens are kept, so that nobody else can fill the memory; at most
 * {@link #MAX_TOKENS}, a few MB: beyond that those that have ended are forgotten, and if that is
 * not enough all are.
 */
final class VerifiedTokens {
    static final int MAX_TOKENS = 4096;

    private final Map<String, Found> byText = new ConcurrentHashMap<>();

    /**
     * @param keys as they were; with others the signature has to be checked again
     */
    private record Found(Verified verdict, TokenKeys source, Object keys) {
        boolean isGood(Instant now) {
            return verdict.validUntil().isAfter(now) && keys.equals(source.present());
        }
    }

    /** Null when the token has to be checked. */
    @Nullable Verified find(String token, Instant now) {
        Found found = byText.get(token);
        return found != null && found.isGood(now) ? found.verdict() : null;
    }

    /**
     * @param keys what {@link TokenKeys#present} was before the token was checked
     */
    void add(String token, Verified verdict, TokenKeys source, Object keys, Instant now) {
        if (byText.size() >= MAX_TOKENS) {
            byText.values().removeIf(each -> !each.verdict().validUntil().isAfter(now));
            if (byText.size() >= MAX_TOKENS) {
                byText.clear();
            }
        }
        byText.put(token, new Found(verdict, source, keys));
    }

    int size() {
        return byText.size();
    }
}
