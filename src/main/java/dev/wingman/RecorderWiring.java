package dev.wingman;

import dev.wingman.http.RecordingRoutes;
import dev.wingman.recorder.Recorder;
import dev.wingman.recorder.RecorderOptions;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The recorder in its process; there is none when it is off. */
@Singleton
class RecorderWiring {
    private final @Nullable Recorder recorder;

    RecorderWiring(Node node, Vertx vertx) {
        RecorderOptions options = node.settings().recorder();
        this.recorder = options == null ? null : open(options, node, vertx);
    }

    private static Recorder open(RecorderOptions options, Node node, Vertx vertx) {
        try {
            return new Recorder(
                    options,
                    new Recorder.Surroundings(
                            vertx, node.lifecycle(), InstantSource.system(), System::nanoTime));
        } catch (IOException e) {
            throw new RefusedConfiguration(
                    List.of("wingman.recorder.directory cannot be used: " + e.getMessage()));
        }
    }

    /** Null when it is off. */
    @Nullable Recorder recorder() {
        return recorder;
    }

    void routes(@Observes Router router, Node node) {
        if (recorder != null) {
            boolean open = node.settings().access().open();
            new RecordingRoutes(recorder.shelf(), open ? null : node::tokens).install(router);
        }
    }

    /** After the configuration has been checked. */
    void start(@Observes @Priority(2) StartupEvent event) {
        if (recorder != null) {
            recorder.start();
        }
    }
}
