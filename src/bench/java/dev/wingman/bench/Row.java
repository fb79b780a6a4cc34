package dev.wingman.bench;

/**
 * One line of the result.
 *
 * @param target empty when the figure is there to explain others
 */
record Row(String scenario, String measured, String target, Verdict verdict) {
    /** Whether a target is met. */
    enum Verdict {
        MET("yes"),
        MISSED("NO"),
        NONE("");

        private final String text;

        Verdict(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    static Row judged(String scenario, String measured, String target, boolean met) {
        return new Row(scenario, measured, target, met ? Verdict.MET : Verdict.MISSED);
    }

    static Row plain(String scenario, String measured) {
        return new Row(scenario, measured, "", Verdict.NONE);
    }
}
