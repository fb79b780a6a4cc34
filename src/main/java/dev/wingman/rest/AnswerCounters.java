package dev.wingman.rest;

import jakarta.inject.Singleton;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.ext.Provider;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** Counts what became of requests to resources. Thread-safe. */
@Provider
@Singleton
public class AnswerCounters implements ContainerResponseFilter {
    private final Map<Outcome, LongAdder> counts = new EnumMap<>(Outcome.class);
    private final LongAdder listenersCut = new LongAdder();

    /** What became of a request. */
    public enum Outcome {
        SERVED,
        /** The caller can do something about it. */
        REFUSED,
        /** Asked too often. */
        LIMITED,
        /** The server or its database could not. */
        FAILED;

        static Outcome of(int status) {
            if (status == 429) {
                return LIMITED;
            }
            if (status >= 500) {
                return FAILED;
            }
            return status >= 400 ? REFUSED : SERVED;
        }
    }

    AnswerCounters() {
        for (Outcome outcome : Outcome.values()) {
            counts.put(outcome, new LongAdder());
        }
    }

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) {
        adder(Outcome.of(response.getStatus())).increment();
    }

    void cutListener() {
        listenersCut.increment();
    }

    /** Listeners to events that did not read. */
    public long listenersCut() {
        return listenersCut.sum();
    }

    public long count(Outcome outcome) {
        return adder(outcome).sum();
    }

    private LongAdder adder(Outcome outcome) {
        return Objects.requireNonNull(counts.get(outcome));
    }
}
