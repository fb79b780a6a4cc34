package dev.wingman;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;

/** Starts the server. */
@QuarkusMain
public final class Wingman {
    private Wingman() {}

    public static void main(String... args) {
        Quarkus.run(args);
    }
}
