package dev.wingman.mission;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something that should be put right before an agent takes up a spec.
 *
 * @param message for people
 * @param spec another one that it is about; null for none
 */
public record SpecFinding(Code code, String message, @Nullable UUID spec) {
    /**
     * Of the context of an agent, in percent: the rest is for its own work. Estimates above it are
     * for a spec that should be two.
     */
    public static final int CONTEXT_BUDGET = 80;

    /** What is wrong. */
    public enum Code {
        EMPTY_CRITERIA("empty_criteria"),
        UNKNOWN_DEPENDENCY("unknown_dependency"),
        UNFINISHED_DEPENDENCY("unfinished_dependency"),
        OVER_BUDGET("over_budget");

        private final String text;

        Code(String text) {
            this.text = text;
        }

        /** As in JSON. */
        public String text() {
            return text;
        }
    }

    /**
     * @param statuses of all specs of the mission
     */
    static List<SpecFinding> of(Spec spec, Map<UUID, SpecStatus> statuses) {
        List<SpecFinding> findings = new ArrayList<>();
        if (spec.content().texts().acceptanceCriteria().isBlank()) {
            findings.add(
                    new SpecFinding(
                            Code.EMPTY_CRITERIA,
                            "without acceptance criteria nobody can tell when it is done",
                            null));
        }
        for (UUID needed : spec.content().dependencies()) {
            SpecStatus status = statuses.get(needed);
            if (status == null) {
                findings.add(
                        new SpecFinding(
                                Code.UNKNOWN_DEPENDENCY,
                                "the mission has no such spec to depend on",
                                needed));
            } else if (status != SpecStatus.COMPLETED) {
                findings.add(
                        new SpecFinding(
                                Code.UNFINISHED_DEPENDENCY,
                                "it depends on a spec that is " + status.text(),
                                needed));
            }
        }
        Integer estimate = spec.content().estimatedContext();
        if (estimate != null && estimate > CONTEXT_BUDGET) {
            findings.add(
                    new SpecFinding(
                            Code.OVER_BUDGET,
                            "it is estimated to fill %d %% of the context, of which %d are for it"
                                    .formatted(estimate, CONTEXT_BUDGET),
                            null));
        }
        return findings;
    }
}
