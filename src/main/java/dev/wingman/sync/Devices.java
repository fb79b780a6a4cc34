package dev.wingman.sync;

import dev.wingman.security.DeviceCredentials;
import dev.wingman.security.DeviceCredentials.Device;
import dev.wingman.security.Principal;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Binds sessions to devices, beside the data they belong to. Thread-safe. */
final class Devices {
    /**
     * Who a session's device is.
     *
     * @param newToken for the device to show next time; null when it showed one that holds
     */
    record Binding(String id, @Nullable String newToken) {}

    private final Maps maps;
    private final DeviceCredentials credentials;

    Devices(Maps maps, DeviceCredentials credentials) {
        this.maps = maps;
        this.credentials = credentials;
    }

    /**
     * Recognises the device or makes a new one, whose credential is stored before it is given out:
     * it may be shown on another connection at once.
     */
    CompletionStage<Binding> bind(@Nullable Principal principal, @Nullable String token) {
        String subject = principal == null ? null : principal.subject();
        return maps.beside(() -> credentials.presentOrMint(subject, token))
                .thenCompose(this::stored);
    }

    private CompletionStage<Binding> stored(Device device) {
        return switch (device) {
            case Device.Known(var id) ->
                    CompletableFuture.completedFuture(new Binding(id.toString(), null));
            case Device.Minted(var id, var newToken, var entry) ->
                    maps.putMeta(entry).thenApply(_ -> new Binding(id.toString(), newToken));
        };
    }
}
