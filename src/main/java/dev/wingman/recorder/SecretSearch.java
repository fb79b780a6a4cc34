package dev.wingman.recorder;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/**
 * Replaces literals and patterns in a stream of bytes that comes in pieces. What might be the
 * beginning of a match waits for what follows, so that a border between pieces hides nothing;
 * overlapping matches are replaced together.
 *
 * <p>A match of a pattern is found up to {@value #PATTERN_REACH} bytes long. Confined to one
 * thread.
 *
 * @param <M> what marks a place in the stream, such as the end of a piece
 */
final class SecretSearch<M> {
    static final String PLACEHOLDER = "REDACTED";
    static final int PATTERN_REACH = 4096;

    /** Of a long piece, so that little of it is held twice. */
    private static final int MAX_STEP_BYTES = 64 << 10;

    /** A number may be seen from its end; longer ones are none that a secret would be part of. */
    private static final int NUMBER_REACH = 64;

    private static final byte[] REDACTED =
            PLACEHOLDER.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    private static final byte[] ZERO = {'0'};

    /** Where the result goes, in order. */
    interface Sink<M> {
        void bytes(byte[] source, int from, int to);

        void mark(M mark);
    }

    private record Mark<M>(int place, M mark) {}

    private record Match(int from, int to) {}

    private final List<Literal> literals;
    private final List<Pattern> patterns;
    private final boolean numbers;
    private final Sink<M> sink;
    private final int reach;
    private final Deque<Mark<M>> marks = new ArrayDeque<>();
    private byte[] waiting = new byte[256];
    private int length;

    /**
     * @param numbers whether a match inside a JSON number makes the number 0, so that it stays one
     */
    SecretSearch(List<Literal> literals, List<Pattern> patterns, boolean numbers, Sink<M> sink) {
        this.literals = literals;
        this.patterns = patterns;
        this.numbers = numbers;
        this.sink = sink;
        int longest = literals.stream().mapToInt(Literal::longest).max().orElse(0);
        this.reach = Math.max(longest, patterns.isEmpty() ? 0 : PATTERN_REACH) + NUMBER_REACH;
    }

    void add(byte[] piece, int from, int to) {
        if (literals.isEmpty() && patterns.isEmpty()) {
            sink.bytes(piece, from, to);
            return;
        }
        for (int at = from; at < to; at += MAX_STEP_BYTES) {
            step(piece, at, Math.min(to, at + MAX_STEP_BYTES));
        }
    }

    private void step(byte[] piece, int from, int to) {
        int added = to - from;
        if (waiting.length < length + added) {
            waiting = Arrays.copyOf(waiting, Math.max(2 * waiting.length, length + added));
        }
        System.arraycopy(piece, from, waiting, length, added);
        length += added;
        if (length > 2 * reach) {
            pass(false);
        }
    }

    /** Passed on when everything before it has been. */
    void mark(M mark) {
        if (length == 0) {
            sink.mark(mark);
        } else {
            marks.add(new Mark<>(length, mark));
        }
    }

    void end() {
        pass(true);
    }

    private void pass(boolean all) {
        List<Match> matches = matches();
        int safe = all ? length : beforeNumber(length - reach);
        for (Match match : matches) {
            if (match.from < safe && match.to > safe) {
                safe = match.from;
            }
        }
        int place = 0;
        for (Match match : matches) {
            if (match.to <= safe) {
                copy(place, match.from);
                byte[] instead = isNumber(match) ? ZERO : REDACTED;
                sink.bytes(instead, 0, instead.length);
                passMarks(match.to);
                place = match.to;
            }
        }
        copy(place, safe);
        System.arraycopy(waiting, safe, waiting, 0, length - safe);
        length -= safe;
        int passed = safe;
        int left = marks.size();
        for (int i = 0; i < left; i++) {
            Mark<M> mark = marks.remove();
            marks.add(new Mark<>(mark.place - passed, mark.mark));
        }
    }

    private void copy(int from, int to) {
        int place = from;
        while (!marks.isEmpty() && marks.element().place <= to) {
            Mark<M> mark = marks.remove();
            if (mark.place > place) {
                sink.bytes(waiting, place, mark.place);
                place = mark.place;
            }
            sink.mark(mark.mark);
        }
        if (place < to) {
            sink.bytes(waiting, place, to);
        }
    }

    private void passMarks(int upTo) {
        while (!marks.isEmpty() && marks.element().place <= upTo) {
            sink.mark(marks.remove().mark);
        }
    }

    /** In order, without overlaps; a number that has a match in it is one as a whole. */
    private List<Match> matches() {
        List<Match> found = new ArrayList<>();
        for (Literal literal : literals) {
            for (int at = 0; at < length; at++) {
                int end =
                        literal.mayBeginWith(waiting[at])
                                ? literal.endOfMatch(waiting, at, length)
                                : -1;
                if (end >= 0) {
                    found.add(widened(at, end));
                }
            }
        }
        if (!patterns.isEmpty()) {
            byte[] text = Arrays.copyOf(waiting, length);
            for (Pattern pattern : patterns) {
                Matcher matcher = pattern.matcher(text);
                while (matcher.find()) {
                    if (matcher.end() > matcher.start()) {
                        found.add(widened(matcher.start(), matcher.end()));
                    }
                }
            }
        }
        found.sort(Comparator.comparingInt(Match::from));
        return merged(found);
    }

    private static List<Match> merged(List<Match> sorted) {
        List<Match> merged = new ArrayList<>();
        for (Match match : sorted) {
            Match before = merged.isEmpty() ? null : merged.getLast();
            if (before != null && match.from < before.to) {
                merged.set(
                        merged.size() - 1, new Match(before.from, Math.max(before.to, match.to)));
            } else {
                merged.add(match);
            }
        }
        return merged;
    }

    private Match widened(int from, int to) {
        if (!numbers) {
            return new Match(from, to);
        }
        int start = from;
        while (start > 0 && from - start < NUMBER_REACH && isNumeric(waiting[start - 1])) {
            start--;
        }
        int end = to;
        while (end < length && end - to < NUMBER_REACH && isNumeric(waiting[end])) {
            end++;
        }
        var wide = new Match(start, end);
        return isNumber(wide) ? wide : new Match(from, to);
    }

    /** Whether all of it is one JSON number between other tokens. */
    private boolean isNumber(Match match) {
        if (!numbers) {
            return false;
        }
        for (int i = match.from; i < match.to; i++) {
            if (!isNumeric(waiting[i])) {
                return false;
            }
        }
        int before = match.from - 1;
        while (before >= 0 && isSpace(waiting[before])) {
            before--;
        }
        int after = match.to;
        while (after < length && isSpace(waiting[after])) {
            after++;
        }
        return (before < 0 || ":[,".indexOf(waiting[before]) >= 0)
                && (after == length || ",]}".indexOf(waiting[after]) >= 0);
    }

    private int beforeNumber(int place) {
        int start = Math.max(0, place);
        int least = Math.max(0, start - NUMBER_REACH);
        while (numbers
                && start > least
                && (isNumeric(waiting[start - 1])
                        || isSpace(waiting[start - 1])
                        || ":[,".indexOf(waiting[start - 1]) >= 0)) {
            start--;
        }
        return start;
    }

    private static boolean isNumeric(byte c) {
        return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
    }

    private static boolean isSpace(byte c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }
}
