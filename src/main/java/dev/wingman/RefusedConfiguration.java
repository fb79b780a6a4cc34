package dev.wingman;

import java.util.List;

/** The server does not start with this configuration. */
final class RefusedConfiguration extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    RefusedConfiguration(List<String> problems) {
        super(String.join("; ", problems));
        this.problems = List.copyOf(problems);
    }

    /** One sentence each: the key, what is wrong, what to do. */
    List<String> problems() {
        return problems;
    }
}
