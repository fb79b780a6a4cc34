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
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A recorder with one endpoint in the process of the test. */
final class Rig implements AutoCloseable {
    static final String ENDPOINT = "api";
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
            Target target,
            Limits limits,
            Replay replay,
            Set<String> matchHeaders,
            List<String> secrets,
            List<String> patterns,
            @Nullable Tls tls) {
        Setup mode(Mode other) {
            return new Setup(
                    other, folder, target, limits, replay, matchHeaders, secrets, patterns, tls);
        }

        Setup target(Target other) {
            return new Setup(
                    mode, folder, other, limits, replay, matchHeaders, secrets, patterns, tls);
        }

        Setup limits(UnaryOperator<Limits> change) {
            return new Setup(
                    mode,
                    folder,
                    target,
                    change.apply(limits),
                    replay,
                    matchHeaders,
                    secrets,
                    patterns,
                    tls);
        }

        Setup replay(Replay other) {
            return new Setup(
                    mode, folder, target, limits, other, matchHeaders, secrets, patterns, tls);
        }

        Setup matching(String... headers) {
            return new Setup(
                    mode, folder, target, limits, replay, Set.of(headers), secrets, patterns, tls);
        }

        Setup secrets(String... texts) {
            return new Setup(
                    mode,
                    folder,
                    target,
                    limits,
                    replay,
                    matchHeaders,
                    List.of(texts),
                    patterns,
                    tls);
        }

        Setup patterns(String... texts) {
            return new Setup(
                    mode,
                    folder,
                    target,
                    limits,
                    replay,
                    matchHeaders,
                    secrets,
                    List.of(texts),
                    tls);
        }

        Setup tls(@Nullable Tls files) {
            return new Setup(
                    mode, folder, target, limits, replay, matchHeaders, secrets, patterns, files);
        }

        Rig start() {
            return start(Duration.ofMillis(200));
        }

        Rig start(Duration flushPause) {
            var endpoint =
                    new Endpoint(
                            ENDPOINT,
                            0,
                            tls,
                            target,
                            "/health",
                            matchHeaders,
                            Set.of("authorization", "cookie", "set-cookie", "x-api-key"),
                            replay);
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
        return new Setup(
                Mode.RECORD,
                folder.resolve("recordings"),
                new Target("127.0.0.1", targetPort, Scheme.HTTP, null),
                Limits.DEFAULTS,
                new Replay(OnMiss.FAIL, false, new ReplayTiming.Immediate(), SocketMatch.CONTENT),
                Set.of("content-type"),
                List.of(),
                List.of(),
                null);
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
                from.maxInteractions());
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
                from.maxInteractions());
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
                from.maxInteractions());
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
                interactions);
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
            recorder.close();
            vertx.close().toCompletionStage().toCompletableFuture().join();
            for (Throwable each : unexpected) {
                throw new AssertionError("the recorder has failed", each);
            }
        }
    }
}
