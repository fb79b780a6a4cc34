package dev.wingman.bench;

import java.io.IOException;
import java.util.List;

/** One thing to measure, with servers of its own. */
interface Scenario {
    /** In one word, for the command line. */
    String name();

    List<Row> run(Workplace workplace) throws IOException, InterruptedException;
}
