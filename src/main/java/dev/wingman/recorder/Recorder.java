package dev.wingman.recorder;

import dev.wingman.lifecycle.ShutdownController;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * All endpoints of the recorder, from start to stop.
 *
 * <p>Thread-safe. {@link #start} is called once, then {@link #drain}, then {@link #close}.
 */
public final class Recorder {
    private static final Logger LOG = Logger.getLogger("dev.wingman.recorder");

    /** An answered exchange is on the disk this long after at the latest, and a write. */
    private static final Duration FLUSH_PAUSE = Duration.ofMillis(200);

    /**
     * Vert.x takes listeners with the same negative port for one that is to share a free port, and
     * the server itself uses the small numbers.
     */
    private static final int SHARED_FREE_PORTS = -1000;

    private static final Duration START_PATIENCE = Duration.ofSeconds(20);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

    private final Vertx vertx;
    private final RecorderOptions options;
    private final Shelf shelf;
    private final Memory memory;
    private final Listener.Common common;

    /** A tape may become full when there is no next flush: closing it writes the rest. */
    private final ScheduledExecutorService writer =
            new ScheduledThreadPoolExecutor(
                    1,
                    Thread.ofPlatform().daemon().name("recorder").factory(),
                    new ThreadPoolExecutor.DiscardPolicy());

    private final Map<String, Integer> ports = new LinkedHashMap<>();
    private final Queue<Listener> listeners = new ConcurrentLinkedQueue<>();
    private final List<String> deployments = new ArrayList<>();

    /**
     * What the recorder takes from its process.
     *
     * @param nanoClock for durations
     */
    public record Surroundings(
            Vertx vertx,
            ShutdownController lifecycle,
            InstantSource clock,
            LongSupplier nanoClock) {}

    /**
     * Opens the folder of the recordings.
     *
     * @throws IOException when it cannot be used
     */
    public Recorder(RecorderOptions options, Surroundings surroundings) throws IOException {
        this.vertx = surroundings.vertx;
        this.options = options;
        RecorderOptions.Limits limits = options.limits();
        this.memory = new Memory(limits.maxMemory());
        this.shelf =
                Shelf.open(
                        options.directory(),
                        options.redaction(),
                        limits.maxInteractions(),
                        surroundings.clock,
                        memory,
                        this::flushSoon);
        this.common =
                new Listener.Common(
                        options,
                        shelf,
                        memory,
                        new Permits(limits.maxConnections()),
                        new Permits(limits.maxInFlight()),
                        new RecorderCounters(),
                        surroundings.lifecycle,
                        surroundings.nanoClock);
    }

    /** Opens every port. One that cannot be opened is logged, and the others serve. */
    public void start() {
        start(FLUSH_PAUSE);
    }

    /**
     * @param flushPause between two writes while no tape is full
     */
    void start(Duration flushPause) {
        var _ =
                writer.scheduleWithFixedDelay(
                        shelf::flush,
                        flushPause.toMillis(),
                        flushPause.toMillis(),
                        TimeUnit.MILLISECONDS);
        int number = 0;
        for (RecorderOptions.Endpoint endpoint : options.endpoints()) {
            number++;
            try {
                open(endpoint, endpoint.port() == 0 ? SHARED_FREE_PORTS - number : endpoint.port());
                LOG.infof(
                        "recorder endpoint=%s mode=%s url=%s://%s:%d target=%s://%s:%d",
                        endpoint.name(),
                        lower(options.mode()),
                        endpoint.tls() == null ? "http" : "https",
                        options.host(),
                        ports.get(endpoint.name()),
                        lower(endpoint.target().scheme()),
                        endpoint.target().host(),
                        endpoint.target().port());
            } catch (CompletionException | TimeoutException e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                LOG.errorf(
                        "recorder endpoint=%s does not listen port=%d error=%s",
                        endpoint.name(), endpoint.port(), cause.getMessage());
            }
        }
    }

    /** Who forwards waits for it. */
    private void flushSoon() {
        writer.execute(shelf::flush);
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** One listener on each event loop, on one port. */
    private void open(RecorderOptions.Endpoint endpoint, int port) throws TimeoutException {
        List<Listener> opened = new ArrayList<>();
        String deployment =
                await(
                        vertx.deployVerticle(
                                () -> {
                                    var listener = new Listener(common, endpoint, port);
                                    synchronized (opened) {
                                        opened.add(listener);
                                    }
                                    return listener;
                                },
                                new DeploymentOptions()
                                        .setInstances(Runtime.getRuntime().availableProcessors())),
                        START_PATIENCE);
        deployments.add(deployment);
        listeners.addAll(opened);
        ports.put(endpoint.name(), opened.getFirst().actualPort());
    }

    private static <T> T await(Future<T> future, Duration patience) throws TimeoutException {
        var waiting = future.toCompletionStage().toCompletableFuture();
        waiting.orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS);
        return waiting.join();
    }

    /** The port of an endpoint that listens. */
    public int port(String endpoint) {
        Integer port = ports.get(endpoint);
        if (port == null) {
            throw new IllegalArgumentException("nobody listens for " + endpoint);
        }
        return port;
    }

    public Shelf shelf() {
        return shelf;
    }

    public RecorderCounters counters() {
        return common.counters();
    }

    /** Connections of clients that are open. */
    public int connections() {
        return common.connections().taken();
    }

    /** Exchanges under way. */
    public int inFlight() {
        return common.inFlight().taken();
    }

    /** Bytes that recordings and replays hold in memory. */
    public long heldBytes() {
        return memory.held();
    }

    /** Exchanges refused, or not recorded, for want of memory. */
    public long memoryRefusals() {
        return memory.refused();
    }

    /** Bytes of tapes written since the start. */
    public long writtenBytes() {
        return shelf.writtenBytes();
    }

    /** The stop has begun: sockets, which have no end of their own, are closed with 1012. */
    public void drain() {
        for (Listener listener : listeners) {
            listener.drain();
        }
    }

    /** Cuts what is still open, publishes the recordings and lets everything go. Blocks. */
    public void close() {
        for (String deployment : deployments) {
            try {
                var _ = await(vertx.undeploy(deployment), STOP_PATIENCE);
            } catch (CompletionException | TimeoutException e) {
                LOG.warnf("recorder endpoint not closed error=%s", e.getMessage());
            }
        }
        writer.shutdown();
        try {
            if (!writer.awaitTermination(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("recorder writes still");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        shelf.close();
    }
}
