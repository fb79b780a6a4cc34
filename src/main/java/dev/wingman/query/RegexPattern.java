package dev.wingman.query;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.wingman.protocol.ErrorCode;

/**
 * A client's regular expression, found anywhere in a text.
 *
 * <p>RE2/J takes time in proportion to text times program, whatever the pattern, where {@code
 * java.util.regex} backtracks without bound. What is left to limit is that product: a longer text
 * does not match. At the limit a match takes some 7 ms; a program of 10 instructions reaches it at
 * 100,000 characters. The dialect has no look-around and no back references.
 */
final class RegexPattern {
    static final int MAX_STEPS = 1_000_000;
    static final int MAX_INSTRUCTIONS = 1_000;

    /**
     * Of all repetition counts multiplied. Nested counts multiply the program while it is compiled,
     * before its size can be known; counts side by side do not, but are not told apart.
     */
    static final int MAX_REPETITIONS = 10_000;

    private static final Pattern COUNT = Pattern.compile("\\{(\\d{1,4})(?:,(\\d{1,4})?)?\\}");

    private final Pattern pattern;

    private RegexPattern(Pattern pattern) {
        this.pattern = pattern;
    }

    static RegexPattern of(String text) throws Refused {
        requireFewRepetitions(text);
        try {
            Pattern pattern = Pattern.compile(text);
            if (pattern.programSize() > MAX_INSTRUCTIONS) {
                throw tooComplex();
            }
            return new RegexPattern(pattern);
        } catch (PatternSyntaxException e) {
            throw new Refused(
                    ErrorCode.BAD_REQUEST, "not a regular expression: " + e.getDescription());
        }
    }

    private static void requireFewRepetitions(String text) throws Refused {
        long repetitions = 1;
        Matcher counts = COUNT.matcher(text);
        while (counts.find()) {
            String most = counts.group(2) == null ? counts.group(1) : counts.group(2);
            repetitions *= Math.max(1, Integer.parseInt(most));
            if (repetitions > MAX_REPETITIONS) {
                throw tooComplex();
            }
        }
    }

    private static Refused tooComplex() {
        return new Refused(ErrorCode.TOO_LARGE, "the regular expression is too complex");
    }

    boolean isFoundIn(String text) {
        return (long) text.length() * pattern.programSize() <= MAX_STEPS
                && pattern.matcher(text).find();
    }
}
