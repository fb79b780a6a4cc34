package dev.wingman;

import dev.wingman.recorder.RecorderOptions;
import dev.wingman.recorder.RecorderOptions.Endpoint;
import dev.wingman.recorder.RecorderOptions.Limits;
import dev.wingman.recorder.RecorderOptions.Mode;
import dev.wingman.recorder.RecorderOptions.Replay;
import dev.wingman.recorder.RecorderOptions.Scheme;
import dev.wingman.recorder.RecorderOptions.Target;
import dev.wingman.recorder.RecorderOptions.Tls;
import dev.wingman.recorder.Redaction;
import dev.wingman.recorder.ReplayTiming;
import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySize;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The configuration of the recorder, checked as a whole. */
final class RecorderSettings {
    private static final String PREFIX = "wingman.recorder.";
    private static final int MAX_ENDPOINTS = 64;
    private static final int MAX_PORT = 65_535;
    private static final long MIN_BUFFER = 4096;
    private static final long MIN_MEMORY = 1 << 20;

    private final WingmanConfig.Recorder config;
    private final WingmanConfig.Network network;
    private final List<String> problems = new ArrayList<>();

    private RecorderSettings(WingmanConfig.Recorder config, WingmanConfig.Network network) {
        this.config = config;
        this.network = network;
    }

    /**
     * Empty when the recorder is off.
     *
     * @throws IllegalArgumentException with one line for each problem
     */
    static Optional<RecorderOptions> of(
            WingmanConfig.Recorder config, WingmanConfig.Network network) {
        var settings = new RecorderSettings(config, network);
        RecorderOptions options = settings.options();
        if (!settings.problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", settings.problems));
        }
        return config.mode() == Mode.OFF ? Optional.empty() : Optional.of(options);
    }

    private void require(boolean condition, String problem) {
        if (!condition) {
            problems.add(PREFIX + problem);
        }
    }

    private RecorderOptions options() {
        require(
                config.testServerConfig().isEmpty(),
                "test-server-config cannot be set: these files come later; set"
                        + " wingman.recorder.endpoints instead");
        require(
                config.mode() == Mode.OFF || !config.endpoints().isEmpty(),
                "endpoints needs one or more, such as"
                        + " wingman.recorder.endpoints.api.source-port=9000");
        require(
                config.endpoints().size() <= MAX_ENDPOINTS,
                "endpoints can be 64, not " + config.endpoints().size());
        checkPorts();
        List<Endpoint> endpoints = new ArrayList<>();
        config.endpoints().forEach((name, endpoint) -> endpoints.add(endpoint(name, endpoint)));
        return new RecorderOptions(
                config.mode(),
                network.host(),
                config.directory(),
                endpoints,
                redaction(),
                limits());
    }

    private void checkPorts() {
        Set<Integer> taken = new HashSet<>();
        for (Map.Entry<String, WingmanConfig.RecorderEndpoint> each :
                config.endpoints().entrySet()) {
            int port = each.getValue().sourcePort();
            require(
                    port == 0 || taken.add(port),
                    "endpoints." + each.getKey() + ".source-port is taken by another: " + port);
        }
    }

    private Redaction redaction() {
        try {
            return new Redaction(
                    config.secrets().orElse(List.of()),
                    config.patterns().orElse(List.of()),
                    config.jsonKeys());
        } catch (IllegalArgumentException e) {
            problems.addAll(String.valueOf(e.getMessage()).lines().toList());
            return new Redaction(List.of(), List.of(), List.of());
        }
    }

    private Limits limits() {
        require(config.maxConnections() > 0, "max-connections must be 1 or more");
        require(config.maxInFlight() > 0, "max-in-flight must be 1 or more");
        require(config.permitTimeout().isPositive(), "permit-timeout must be more than 0");
        require(config.targetTimeout().isPositive(), "target-timeout must be more than 0");
        require(config.maxHeaders() > 0, "max-headers must be 1 or more");
        require(config.maxInteractions() > 0, "max-interactions must be 1 or more");
        return new Limits(
                config.maxConnections(),
                config.maxInFlight(),
                config.permitTimeout(),
                config.targetTimeout(),
                buffer("stream-buffer", config.streamBuffer()),
                buffer("socket-buffer", config.socketBuffer()),
                config.maxRequestBody().asLongValue(),
                config.maxResponseBody().asLongValue(),
                config.maxHeaders(),
                config.maxInteractions(),
                memory());
    }

    private long memory() {
        long bytes =
                config.maxMemory()
                        .map(MemorySize::asLongValue)
                        .orElse(Runtime.getRuntime().maxMemory() / 2);
        require(bytes >= MIN_MEMORY, "max-memory must be 1M or more, is " + bytes);
        return bytes;
    }

    private int buffer(String key, MemorySize size) {
        long bytes = size.asLongValue();
        require(bytes >= MIN_BUFFER && bytes <= 1 << 30, key + " must be 4K to 1G, is " + bytes);
        return (int) Math.min(bytes, 1 << 30);
    }

    private Endpoint endpoint(String name, WingmanConfig.RecorderEndpoint config) {
        String key = "endpoints." + name + ".";
        require(
                name.matches("[A-Za-z0-9_-]{1,64}"),
                key + "*: a name is 1 to 64 letters, digits, _ and -");
        require(
                config.sourcePort() >= 0 && config.sourcePort() <= MAX_PORT,
                key + "source-port must be 0 to 65535, is " + config.sourcePort());
        require(
                config.targetPort() > 0 && config.targetPort() <= MAX_PORT,
                key + "target-port must be 1 to 65535, is " + config.targetPort());
        config.healthPath()
                .ifPresent(path ->
                        require(path.startsWith("/"), key + "health-path must begin with /"));
        config.targetCa().ifPresent(file -> requireFile(key + "target-ca", file));
        return new Endpoint(
                name,
                config.sourcePort(),
                tls(key, config),
                new Target(
                        config.targetHost(),
                        config.targetPort(),
                        config.targetType(),
                        config.targetCa().orElse(null)),
                config.healthPath().orElse(null),
                lowerCase(config.matchHeaders()),
                lowerCase(config.redactHeaders()),
                new Replay(
                        config.onMiss(),
                        config.strictOrder(),
                        timing(key, config.replayTiming()),
                        config.socketMatch()));
    }

    private @Nullable Tls tls(String key, WingmanConfig.RecorderEndpoint config) {
        if (config.sourceType() == Scheme.HTTP) {
            require(
                    config.certificate().isEmpty() && config.key().isEmpty(),
                    key + "certificate and key need " + key + "source-type=https");
            return null;
        }
        Path certificate = config.certificate().orElse(null);
        Path secret = config.key().orElse(null);
        if (certificate == null || secret == null) {
            require(false, key + "source-type=https needs " + key + "certificate and key");
            return null;
        }
        requireFile(key + "certificate", certificate);
        requireFile(key + "key", secret);
        return new Tls(certificate, secret);
    }

    private void requireFile(String key, Path file) {
        require(Files.isReadable(file), key + " cannot be read: " + file);
    }

    private static Set<String> lowerCase(Set<String> names) {
        return names.stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
    }

    private ReplayTiming timing(String key, String value) {
        return switch (value) {
            case "none" -> new ReplayTiming.Immediate();
            case "recorded" -> new ReplayTiming.AsRecorded();
            default -> new ReplayTiming.Fixed(pause(key, value));
        };
    }

    private Duration pause(String key, String value) {
        try {
            Duration pause = DurationConverter.parseDuration(value);
            if (!pause.isNegative()) {
                return pause;
            }
        } catch (IllegalArgumentException e) {
            // Said below, like every other value that will not do.
        }
        require(false, key + "replay-timing must be none, recorded or a duration, is " + value);
        return Duration.ZERO;
    }
}
