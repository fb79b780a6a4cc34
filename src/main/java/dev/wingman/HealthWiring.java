package dev.wingman;

import dev.wingman.lifecycle.HealthState;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/** What the orchestrator is told. Answered on the event loop: nothing here waits. */
@Singleton
class HealthWiring {
    @Produces
    @Liveness
    @Singleton
    AsyncHealthCheck liveness() {
        return () -> Uni.createFrom().item(HealthCheckResponse.up("process"));
    }

    @Produces
    @Readiness
    @Singleton
    AsyncHealthCheck readiness(Node node) {
        return () -> Uni.createFrom().item(() -> readinessOf(node));
    }

    /**
     * Up from the first readiness on: slow recoveries are waited for, later trouble is not meant.
     */
    @Produces
    @Startup
    @Singleton
    AsyncHealthCheck startup(Node node) {
        return () ->
                Uni.createFrom()
                        .item(() ->
                                HealthCheckResponse.named("start")
                                        .status(
                                                node.lifecycle().healthState()
                                                        != HealthState.STARTING)
                                        .build());
    }

    private static HealthCheckResponse readinessOf(Node node) {
        HealthState state = node.lifecycle().healthState();
        String trouble = node.trouble();
        var response =
                HealthCheckResponse.named("server")
                        .withData("state", state.text())
                        .status(state == HealthState.READY && trouble == null);
        if (trouble != null) {
            response.withData("store", trouble);
        }
        return response.build();
    }
}
