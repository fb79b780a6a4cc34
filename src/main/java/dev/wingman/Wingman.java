package dev.wingman;

import dev.wingman.connection.NetworkConfig;
import dev.wingman.http.Listener;
import dev.wingman.lifecycle.HealthState;
import dev.wingman.storage.Recovery;
import dev.wingman.storage.StoreException;
import dev.wingman.storage.sql.DatabaseException;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The process, in the order in which it starts: configuration, port, store, clients.
 *
 * <p>The port is open before the store is, so that probes are answered while it recovers.
 */
@QuarkusMain
public final class Wingman implements QuarkusApplication {
    static {
        // Before the first logger is asked for: it stays with what it finds.
        System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
    }

    private static final Logger LOG = Logger.getLogger("dev.wingman");

    /** In case the main thread never comes to its end; far beyond a usual drain. */
    private static final Duration LONGEST_STOP = Duration.ofMinutes(5);

    private final Node node;
    private final Listener listener;
    private final Vertx vertx;

    Wingman(Node node, Listener listener, Vertx vertx) {
        this.node = node;
        this.listener = listener;
        this.vertx = vertx;
    }

    /** Runs until a signal ends it. */
    public static void main(String... args) {
        // Set before the first message is read: msgpack-core then uses plain arrays and no Unsafe.
        System.setProperty("msgpack.universal-buffer", "true");
        // The listener does that, and answers with a problem.
        System.setProperty("vertx.disableURIValidation", "true");
        // Brotli is not part of it; without a path it leaves a folder at every start that finds
        // none.
        System.setProperty("brotli4j.library.path", "none");
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> await(main), "exit code"));
        Quarkus.run(Wingman.class, Wingman::exit, args);
    }

    /**
     * After a signal the virtual machine ends with the code of the signal when its hooks have run,
     * perhaps before the main thread has come to {@link #exit}. This hook lets it come there.
     */
    private static void await(Thread main) {
        try {
            main.join(LONGEST_STOP);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** SIGTERM and SIGINT end the process alike, with exit code 0. */
    @Override
    public int run(String... args) {
        int port = listen();
        Thread.ofPlatform().name("recovery").start(() -> recover(port));
        Quarkus.waitForExit();
        return 0;
    }

    /**
     * Everything is closed by now. An ordinary exit would leave the code to the signal, 143 for
     * SIGTERM, which an orchestrator takes for a failure.
     */
    private static void exit(Integer exitCode, @Nullable Throwable failure) {
        if (failure != null) {
            StartFailure.report(failure, System.err);
        }
        if (LaunchMode.current().isDev()) {
            return; // to start again with the new classes
        }
        Runtime.getRuntime().halt(failure == null ? exitCode : 1);
    }

    private int listen() {
        try {
            return listener.open(vertx).toCompletionStage().toCompletableFuture().join();
        } catch (CompletionException e) {
            NetworkConfig network = node.settings().network();
            throw new RefusedConfiguration(
                    List.of(
                            "cannot listen on %s:%d (%s): stop the process that has the port, or set"
                                            .formatted(
                                                    network.host(),
                                                    network.port(),
                                                    e.getCause() == null
                                                            ? e
                                                            : e.getCause().getMessage())
                                    + " wingman.network.host and wingman.network.port"));
        }
    }

    /** Whatever goes wrong here must end the process: nobody would open the doors any more. */
    @SuppressWarnings("IllegalCatch") // the outermost handler of its thread
    private void recover(int port) {
        try {
            Recovery recovery = node.recover();
            if (node.lifecycle().healthState() != HealthState.READY) {
                return; // asked to stop meanwhile
            }
            NetworkConfig network = node.settings().network();
            LOG.infof(
                    "ready url=%s://%s:%d startup_ms=%d records=%d recovery_ms=%d",
                    network.tls() == null ? "http" : "https",
                    network.host(),
                    port,
                    node.uptime().toMillis(),
                    recovery.records(),
                    recovery.took().toMillis());
        } catch (StoreException e) {
            LOG.errorf(
                    "the store cannot be opened problem=%s error=%s",
                    e.problem().name().toLowerCase(Locale.ROOT), e.getMessage());
            giveUp();
        } catch (DatabaseException e) {
            LOG.errorf("the database of accounts cannot be opened error=%s", e.getMessage());
            giveUp();
        } catch (RuntimeException | Error e) {
            LOG.error("the server cannot start", e);
            giveUp();
        }
    }

    private void giveUp() {
        node.setFailed();
        Quarkus.asyncExit(1);
    }
}
