package dev.wingman.recorder;

import java.time.Duration;

/** Why an exchange came to nothing inside; each has exactly one answer. */
sealed interface Failure {
    record ConnectionLimitReached(int limit) implements Failure {}

    record InvalidProtocol(String name) implements Failure {}

    record WebSocketUpgradeFailed(String reason) implements Failure {}

    record Timeout(Duration after) implements Failure {}

    record Io(Throwable cause) implements Failure {}

    record Http(Throwable cause) implements Failure {}

    record ChannelClosed() implements Failure {}

    default Refusal answer() {
        return switch (this) {
            case ConnectionLimitReached(var limit) ->
                    Refusal.busy(
                            "all "
                                    + limit
                                    + " connections are taken; try again soon, or raise"
                                    + " wingman.recorder.max-connections");
            case InvalidProtocol(var name) -> new Refusal(400, "malformed " + name);
            case WebSocketUpgradeFailed(var reason) ->
                    new Refusal(502, "the target does not open a WebSocket: " + reason);
            case Timeout(var after) ->
                    new Refusal(504, "nothing came within " + after.toMillis() + " ms");
            case Io(var cause) ->
                    new Refusal(502, "the target cannot be reached: " + cause.getMessage());
            case Http(var cause) ->
                    new Refusal(502, "the target's answer is no HTTP: " + cause.getMessage());
            case ChannelClosed() -> new Refusal(502, "the target closed the connection");
        };
    }
}
