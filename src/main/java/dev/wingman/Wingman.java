package dev.wingman;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import sun.misc.Signal;

/** Starts the server; {@link ServerWiring} has what happens then. */
@QuarkusMain
public final class Wingman implements QuarkusApplication {
    /** Runs until a signal ends it. SIGTERM and SIGINT end it alike, with exit code 0. */
    public static void main(String... args) {
        // Set before the first message is read: msgpack-core then uses plain arrays and no Unsafe.
        System.setProperty("msgpack.universal-buffer", "true");
        Quarkus.run(Wingman.class, StartFailure::report, args);
    }

    @Override
    public int run(String... args) {
        Signal.handle(new Signal("TERM"), _ -> Quarkus.asyncExit(0));
        Signal.handle(new Signal("INT"), _ -> Quarkus.asyncExit(0));
        Quarkus.waitForExit();
        return 0;
    }
}
