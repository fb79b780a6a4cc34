package dev.wingman.recorder;

import dev.wingman.lifecycle.ShutdownController;
import dev.wingman.recorder.RecorderOptions.Endpoint;
import dev.wingman.recorder.RecorderOptions.Limits;
import dev.wingman.recorder.RecorderOptions.Mode;
import dev.wingman.recorder.RecorderOptions.OnMiss;
import dev.wingman.recorder.RecorderOptions.Replay;
import dev.wingman.recorder.RecorderOptions.Scheme;
import dev.wingman.recorder.RecorderOptions.SocketMatch;
import dev.wingman.recorder.RecorderOptions.Target;
import dev.wingman.recorder.RecorderOptions.Tls;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A recorder with one endpoint in the process of the test. */
final class Rig implements AutoCloseable {
    static final String ENDPOINT = "api";
    private static final Duration PATIENCE_AT_CLOSE = Duration.ofSeconds(1);
    private static final List<String> JSON_KEYS =
            List.of("password", "secret", "token", "api_key", "authorization");

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
    private final ShutdownController lifecycle = new ShutdownController();
    private final Recorder recorder;
    private final String scheme;
    private final Queue<Throwable> unexpected = new ConcurrentLinkedQueue<>();
    private boolean closed;

    private Rig(RecorderOptions options, Duration flushPause) {
        vertx.exceptionHandler(unexpected::add);
        lifecycle.setReady();
        this.scheme = options.endpoints().getFirst().tls() == null ? "http" : "https";
        try {
            recorder =
                    new Recorder(
                            options,
                            new Recorder.Surroundings(
                                    vertx, lifecycle, InstantSource.system(), System::nanoTime));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        recorder.start(flushPause);
    }

    /** How a recorder is started; what is not said is the default. */
    record Setup(
            Mode mode,
            Path folder,
            Limits limits,
            Endpoint endpoint,
            List<String> secrets,
            List<String> patterns) {
        Setup mode(Mode other) {
            return new Setup(other, folder, limits, endpoint, secrets, patterns);
        }

        Setup limits(UnaryOperator<Limits> change) {
            return new Setup(mode, folder, change.apply(limits), endpoint, secrets, patterns);
        }

        Setup secrets(String... texts) {
            return new Setup(mode, folder, limits, endpoint, List.of(texts), patterns);
        }

        Setup patterns(String... texts) {
            return new Setup(mode, folder, limits, endpoint, secrets, List.of(texts));
        }

        private Setup endpoint(
                @Nullable Tls tls,
                Target target,
                Set<String> matched,
                Set<String> redacted,
                Replay replay) {
            var other =
                    new Endpoint(ENDPOINT, 0, tls, target, "/health", matched, redacted, replay);
            return new Setup(mode, folder, limits, other, secrets, patterns);
        }

        Setup target(Target other) {
            return endpoint(
                    endpoint.tls(),
                    other,
                    endpoint.matchHeaders(),
                    endpoint.redactHeaders(),
                    endpoint.replay());
        }

        Setup replay(Replay other) {
            return endpoint(
                    endpoint.tls(),
                    endpoint.target(),
                    endpoint.matchHeaders(),
                    endpoint.redactHeaders(),
                    other);
        }

        Setup matching(String... headers) {
            return endpoint(
                    endpoint.tls(),
                    endpoint.target(),
                    Set.of(headers),
                    endpoint.redactHeaders(),
                    endpoint.replay());
        }

        Setup redacting(String... headers) {
            return endpoint(
                    endpoint.tls(),
                    endpoint.target(),
                    endpoint.matchHeaders(),
                    Set.of(headers),
                    endpoint.replay());
        }

        Setup tls(@Nullable Tls files) {
            return endpoint(
                    files,
                    endpoint.target(),
                    endpoint.matchHeaders(),
                    endpoint.redactHeaders(),
                    endpoint.replay());
        }

        Rig start() {
            return start(Duration.ofMillis(200));
        }

        Rig start(Duration flushPause) {
            return new Rig(
                    new RecorderOptions(
                            mode,
                            "127.0.0.1",
                            folder,
                            List.of(endpoint),
                            new Redaction(secrets, patterns, JSON_KEYS),
                            limits),
                    flushPause);
        }
    }

    /** Records what goes to a plain target on this port. */
    static Setup recording(Path folder, int targetPort) {
        var endpoint =
                new Endpoint(
                        ENDPOINT,
                        0,
                        null,
                        new Target("127.0.0.1", targetPort, Scheme.HTTP, null),
                        "/health",
                        Set.of("content-type"),
                        Set.of("authorization", "cookie", "set-cookie", "x-api-key"),
                        new Replay(
                                OnMiss.FAIL,
                                false,
                                new ReplayTiming.Immediate(),
                                SocketMatch.CONTENT));
        return new Setup(
                Mode.RECORD,
                folder.resolve("recordings"),
                Limits.DEFAULTS,
                endpoint,
                List.of(),
                List.of());
    }

    /** Replays; nobody listens where the target was. */
    static Setup replaying(Path folder) {
        return recording(folder, 1).mode(Mode.REPLAY);
    }

    static Limits targetTimeout(Limits from, Duration timeout) {
        return new Limits(
                from.maxConnections(),
                from.maxInFlight(),
                from.permitTimeout(),
                timeout,
                from.streamBuffer(),
                from.socketBuffer(),
                from.maxRequestBody(),
                from.maxResponseBody(),
                from.maxHeaders(),
                from.maxInteractions(),
                from.maxMemory());
    }

    static Limits maxConnections(Limits from, int connections) {
        return new Limits(
                connections,
                from.maxInFlight(),
                from.permitTimeout(),
                from.targetTimeout(),
                from.streamBuffer(),
                from.socketBuffer(),
                from.maxRequestBody(),
                from.maxResponseBody(),
                from.maxHeaders(),
                from.maxInteractions(),
                from.maxMemory());
    }

    static Limits inFlight(Limits from, int exchanges, Duration permitTimeout) {
        return new Limits(
                from.maxConnections(),
                exchanges,
                permitTimeout,
                from.targetTimeout(),
                from.streamBuffer(),
                from.socketBuffer(),
                from.maxRequestBody(),
                from.maxResponseBody(),
                from.maxHeaders(),
                from.maxInteractions(),
                from.maxMemory());
    }

    static Limits sizes(Limits from, int requestBody, int responseBody, int interactions) {
        return new Limits(
                from.maxConnections(),
                from.maxInFlight(),
                from.permitTimeout(),
                from.targetTimeout(),
                from.streamBuffer(),
                from.socketBuffer(),
                requestBody,
                responseBody,
                from.maxHeaders(),
                interactions,
                from.maxMemory());
    }

    static Limits maxMemory(Limits from, long bytes) {
        return new Limits(
                from.maxConnections(),
                from.maxInFlight(),
                from.permitTimeout(),
                from.targetTimeout(),
                from.streamBuffer(),
                from.socketBuffer(),
                from.maxRequestBody(),
                from.maxResponseBody(),
                from.maxHeaders(),
                from.maxInteractions(),
                bytes);
    }

    /** Waits for what another thread does. */
    static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("it did not come to that");
            }
            Thread.onSpinWait();
        }
    }

    /** Whatever is searched in the background waits for the latch. */
    void occupyWorkers(CountDownLatch free) {
        int cores = Runtime.getRuntime().availableProcessors();
        var occupied = new CountDownLatch(cores);
        var workers = vertx.createSharedWorkerExecutor("recorder-bodies", cores);
        for (int i = 0; i < cores; i++) {
            var _ =
                    workers.executeBlocking(
                            () -> {
                                occupied.countDown();
                                free.await();
                                return null;
                            },
                            false);
        }
        until(() -> occupied.getCount() == 0);
    }

    Recorder recorder() {
        return recorder;
    }

    ShutdownController lifecycle() {
        return lifecycle;
    }

    URI url(String path) {
        return URI.create(scheme + "://127.0.0.1:" + recorder.port(ENDPOINT)).resolve(path);
    }

    /** As a stop of the process does it. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            lifecycle.triggerShutdown();
            recorder.drain();
            awaitExchanges();
            recorder.close();
            vertx.close().toCompletionStage().toCompletableFuture().join();
            for (Throwable each : unexpected) {
                throw new AssertionError("the recorder has failed", each);
            }
        }
    }

    /**
     * As the process does: bodies may still be searched. Some tests leave exchanges that never end.
     */
    private void awaitExchanges() {
        try {
            var _ = lifecycle.waitForDrain(PATIENCE_AT_CLOSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
