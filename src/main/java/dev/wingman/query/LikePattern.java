package dev.wingman.query;

/**
 * SQL's LIKE: {@code %} stands for any run of characters, {@code _} for one, everything else for
 * itself; the whole text has to fit. There is no escape character. Case is ignored, by Unicode's
 * single-character mappings. Characters are code points.
 *
 * <p>Matching remembers the last {@code %} only, which is enough because a later one never needs an
 * earlier one to give way; so time is at most text times pattern. A match that takes more than
 * {@link #MAX_STEPS} fails: a pattern of n characters may need that many on texts of 1,000,000 / n
 * characters that repeat themselves; on ordinary text a step is a character.
 */
final class LikePattern {
    static final int MAX_STEPS = 1_000_000;

    private static final int ANY_RUN = -1;
    private static final int ANY_ONE = -2;

    private final int[] symbols;

    private LikePattern(int[] symbols) {
        this.symbols = symbols;
    }

    static LikePattern of(String pattern) {
        int[] symbols =
                pattern.codePoints()
                        .map(codePoint ->
                                switch (codePoint) {
                                    case '%' -> ANY_RUN;
                                    case '_' -> ANY_ONE;
                                    default -> folded(codePoint);
                                })
                        .toArray();
        return new LikePattern(symbols);
    }

    boolean matches(String text) {
        int at = 0;
        int symbol = 0;
        int afterRun = -1;
        int runEnd = 0;
        int steps = 0;
        while (at < text.length()) {
            if (++steps > MAX_STEPS) {
                return false;
            }
            int codePoint = text.codePointAt(at);
            if (symbol < symbols.length && symbols[symbol] == ANY_RUN) {
                afterRun = ++symbol;
                runEnd = at;
            } else if (symbol < symbols.length && stands(symbols[symbol], codePoint)) {
                symbol++;
                at += Character.charCount(codePoint);
            } else if (afterRun >= 0) {
                runEnd += Character.charCount(text.codePointAt(runEnd));
                at = runEnd;
                symbol = afterRun;
            } else {
                return false;
            }
        }
        while (symbol < symbols.length && symbols[symbol] == ANY_RUN) {
            symbol++;
        }
        return symbol == symbols.length;
    }

    private static boolean stands(int symbol, int codePoint) {
        return symbol == ANY_ONE || symbol == folded(codePoint);
    }

    /**
     * Upper case first: some letters share one only there, as in {@link String#equalsIgnoreCase}.
     */
    private static int folded(int codePoint) {
        return Character.toLowerCase(Character.toUpperCase(codePoint));
    }
}
