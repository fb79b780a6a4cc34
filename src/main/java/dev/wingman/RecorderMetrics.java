package dev.wingman;

import dev.wingman.recorder.Recorder;
import dev.wingman.recorder.RecorderCounters;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Singleton;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the recorder counts, where there is one: as {@link MetricsWiring} does for the server. */
@Singleton
class RecorderMetrics implements MeterBinder {
    private final @Nullable Recorder recorder;

    RecorderMetrics(RecorderWiring wiring) {
        this.recorder = wiring.recorder();
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        if (recorder != null) {
            bind(registry, recorder, recorder.counters());
        }
    }

    private void bind(MeterRegistry registry, Recorder present, RecorderCounters counters) {
        gauge("wingman.recorder.connections", present::connections)
                .description("Connections of clients to the recorder")
                .register(registry);
        gauge("wingman.recorder.in.flight", present::inFlight)
                .description("Exchanges of the recorder under way")
                .register(registry);
        gauge("wingman.recorder.memory", present::heldBytes)
                .baseUnit("bytes")
                .description("What recordings and replays hold in memory")
                .register(registry);
        counter("wingman.recorder.memory.refused", present::memoryRefusals)
                .description("Exchanges refused, or not recorded, for want of memory")
                .register(registry);
        counter("wingman.recorder.connections.refused", counters::connectionsRefused)
                .description("Connections beyond wingman.recorder.max-connections")
                .register(registry);
        counter("wingman.recorder.recorded", counters::recorded)
                .description("Exchanges that were recorded to their end")
                .register(registry);
        counter("wingman.recorder.not.recorded", counters::notRecorded)
                .description("Exchanges that were forwarded and could not be recorded")
                .register(registry);
        counter("wingman.recorder.forwarded", counters::forwarded)
                .description("Requests passed to a target")
                .register(registry);
        counter("wingman.recorder.target.failures", counters::targetFailures)
                .description("Requests that a target did not answer, or not to the end")
                .register(registry);
        FunctionCounter.builder(
                        "wingman.recorder.target.time", counters, RecorderCounters::targetSeconds)
                .baseUnit("seconds")
                .description("Time until the heads of the targets' answers")
                .register(registry);
        counter("wingman.recorder.replayed", counters::replayed)
                .description("Requests answered from a recording")
                .register(registry);
        counter("wingman.recorder.misses", counters::misses)
                .description("Requests that no recording answers")
                .register(registry);
        counter("wingman.recorder.out.of.order", counters::outOfOrder)
                .description("Requests refused because another one came next")
                .register(registry);
        counter("wingman.recorder.sockets", counters::sockets)
                .description("WebSockets opened by the recorder")
                .register(registry);
        counter("wingman.recorder.socket.mismatches", counters::socketMismatches)
                .description("WebSockets closed because the client did not say what was recorded")
                .register(registry);
        counter("wingman.recorder.written", present::writtenBytes)
                .baseUnit("bytes")
                .description("Recordings brought to the disk")
                .register(registry);
    }

    /** The registry holds the object of a counter weakly, so it must be one that stays. */
    private FunctionCounter.Builder<RecorderMetrics> counter(String name, LongSupplier count) {
        return FunctionCounter.builder(name, this, _ -> count.getAsLong());
    }

    private static Gauge.Builder<Supplier<Number>> gauge(String name, LongSupplier value) {
        return Gauge.builder(name, value::getAsLong);
    }
}
