package dev.wingman;

import dev.wingman.rest.AnswerCounters;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the REST API counts, where there is one: as {@link MetricsWiring} does for the server. */
@Singleton
class RestMetrics implements MeterBinder {
    private final @Nullable MissionControl missions;
    private final AnswerCounters answers;

    RestMetrics(Settings settings, Instance<MissionControl> missions, AnswerCounters answers) {
        this.missions = settings.rest() == null ? null : missions.get();
        this.answers = answers;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        if (missions != null) {
            bind(registry, missions);
        }
    }

    private void bind(MeterRegistry registry, MissionControl present) {
        for (AnswerCounters.Outcome outcome : AnswerCounters.Outcome.values()) {
            FunctionCounter.builder("wingman.rest.requests", this, _ -> answers.count(outcome))
                    .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                    .description("Requests to the REST API by what became of them")
                    .register(registry);
        }
        gauge("wingman.rest.listeners", present::listeners)
                .description("Who follows the events by SSE")
                .register(registry);
        FunctionCounter.builder("wingman.rest.listeners.cut", answers, AnswerCounters::listenersCut)
                .description("Listeners to events that were cut because they did not read")
                .register(registry);
        gauge("wingman.rest.logins.waiting", present::waitingLogins)
                .description("Logins and other hashes of passwords that wait for a processor")
                .register(registry);
    }

    private static Gauge.Builder<Supplier<Number>> gauge(String name, LongSupplier value) {
        return Gauge.builder(name, value::getAsLong);
    }
}
