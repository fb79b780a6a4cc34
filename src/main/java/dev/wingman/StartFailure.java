package dev.wingman;

import io.smallrye.config.ConfigValidationException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells people why the server did not start: one line a problem, no stack trace for what they can
 * mend.
 */
final class StartFailure {
    private StartFailure() {}

    static void report(Throwable cause, PrintStream out) {
        List<String> problems = problems(cause);
        if (problems.isEmpty()) {
            cause.printStackTrace(out);
            return;
        }
        out.println("Wingman did not start:");
        for (String problem : problems) {
            out.println("  - " + problem);
        }
    }

    /** What of the cause the people who started the server can mend; empty when nothing. */
    private static List<String> problems(Throwable failure) {
        var problems = new ArrayList<String>();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case RefusedConfiguration refused -> problems.addAll(refused.problems());
                case ConfigValidationException invalid ->
                        problems.addAll(ConfigComplaints.of(invalid));
                default -> {}
            }
        }
        return problems;
    }
}
