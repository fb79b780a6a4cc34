package dev.wingman.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wingman.cluster.OwnershipView;
import dev.wingman.cluster.Replication;
import dev.wingman.connection.Admission.Admitted;
import dev.wingman.connection.ConnectionConfig;
import dev.wingman.connection.ConnectionHandle;
import dev.wingman.connection.ConnectionId;
import dev.wingman.connection.ConnectionRegistry;
import dev.wingman.connection.OutboundMessage;
import dev.wingman.connection.SendError;
import dev.wingman.connection.SendOutcome;
import dev.wingman.crdt.HybridLogicalClock;
import dev.wingman.lifecycle.HealthState;
import dev.wingman.lifecycle.ShutdownController;
import dev.wingman.protocol.CloseCode;
import dev.wingman.protocol.Json;
import dev.wingman.protocol.MessageCodec;
import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.WireLimits;
import dev.wingman.security.DeviceCredentials;
import dev.wingman.storage.Durability;
import dev.wingman.storage.InMemoryRecordStore;
import dev.wingman.storage.RecordStore;
import dev.wingman.sync.PartitionExecutor;
import dev.wingman.sync.SyncServer;
import dev.wingman.testing.LocalHttp;
import dev.wingman.testing.RawSocket;
import dev.wingman.testing.WireClient;
import dev.wingman.websocket.ClientEndpoint.Writer;
import io.vertx.core.http.HttpServerOptions;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both writers keep the same promises, over real sockets on one event loop. */
class ClientEndpointTest {
    private static final int MAX_CONNECTIONS = 4;
    private static final int QUEUE = 1024;

    /** Far more than the queue and all buffers of the kernel hold. */
    private static final int FLOOD = 5 * QUEUE;

    private static final int QUEUE_BYTES = 128 << 20;
    private static final int MAX_MESSAGE = 64 << 10;

    /** Longer than any test waits. */
    private static final int CLOSING_SECONDS = 60;

    private static final byte[] LARGE_FRAME = new byte[8192];

    private final ExecutorService stripe = Executors.newSingleThreadExecutor();
    private final ShutdownController lifecycle = new ShutdownController();
    private final ConnectionRegistry registry =
            new ConnectionRegistry(
                    config(), () -> HealthState.READY, InstantSource.system(), System::nanoTime);
    private volatile boolean isClockBroken;
    private @Nullable LocalHttp http;

    private static ConnectionConfig config() {
        var defaults = ConnectionConfig.DEFAULTS;
        return new ConnectionConfig(
                MAX_CONNECTIONS,
                QUEUE,
                QUEUE_BYTES,
                defaults.sendTimeout(),
                defaults.idleTimeout(),
                defaults.authenticationTimeout(),
                defaults.writeBuffer(),
                defaults.maxWriteBuffer(),
                MAX_MESSAGE,
                defaults.maxInFlight(),
                defaults.rate(),
                defaults.burst());
    }

    private LocalHttp serve(Writer writer) {
        var endpoint =
                new ClientEndpoint(
                        () -> server,
                        registry,
                        registry::admit,
                        (_, refused) -> {
                            throw new AssertionError(refused);
                        },
                        new ClientEndpoint.Settings(
                                MAX_MESSAGE,
                                new WriteBuffer(config().writeBuffer(), config().maxWriteBuffer()),
                                writer));
        var options =
                new HttpServerOptions()
                        .setMaxWebSocketFrameSize(MAX_MESSAGE)
                        .setMaxWebSocketMessageSize(MAX_MESSAGE)
                        .setWebSocketClosingTimeout(CLOSING_SECONDS);
        http = new LocalHttp(router -> router.get("/ws").handler(endpoint::upgrade), options);
        return http;
    }

    private final SyncServer server = syncServer();

    private SyncServer syncServer() {
        RecordStore store = new InMemoryRecordStore(stripe, 100);
        var view = OwnershipView.alone(new NodeId("a1"));
        return new SyncServer(
                new SyncServer.Parts(
                        store,
                        Durability.COMMIT,
                        Replication.none(),
                        new HybridLogicalClock(InstantSource.system(), "a1")),
                new PartitionExecutor(List.of(stripe)),
                () -> view,
                new SyncServer.Surroundings(
                        new MessageCodec(new WireLimits(1024, 1024)),
                        new SyncServer.Access(
                                null,
                                new DeviceCredentials(
                                        new byte[DeviceCredentials.KEY_BYTES],
                                        new SplittableRandom(1))),
                        SyncServer.Limits.DEFAULTS,
                        lifecycle::inFlightGuard,
                        this::nanoTime));
    }

    private long nanoTime() {
        if (isClockBroken) {
            throw new IllegalStateException("the clock is broken, as this test has it");
        }
        return System.nanoTime();
    }

    @AfterEach
    void stop() {
        if (http != null) {
            http.close();
        }
        stripe.shutdownNow();
    }

    private static WireClient connect(LocalHttp http) {
        WireClient client = WireClient.connect(http.webSocketUrl("/ws"));
        client.untakenAfterPing();
        return client;
    }

    /**
     * Of the first client. It may see the answer to its upgrade before the endpoint has it in its
     * books; another client who was answered after that has not.
     */
    private ConnectionHandle firstHandle(LocalHttp served) {
        connect(served).leave();
        return registry.get(new ConnectionId(1)).orElseThrow();
    }

    private static byte[] numbered(int number) {
        return Json.frame("{\"type\":\"N\",\"n\":" + number + "}");
    }

    @ParameterizedTest
    @EnumSource
    void aBurstArrivesCompleteAndInOrder(Writer writer) {
        int count = 10_000;
        LocalHttp served = serve(writer);
        try (WireClient client = connect(served)) {
            ConnectionHandle handle = firstHandle(served);

            for (int i = 0; i < count; i++) {
                handle.reply(numbered(i));
            }

            List<Integer> received = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                received.add(client.next("N").getInteger("n"));
            }
            assertThat(received).isEqualTo(IntStream.range(0, count).boxed().toList());
        }
    }

    /** The length of a frame has one, three or nine bytes. */
    @ParameterizedTest
    @EnumSource
    void messagesOfEveryLengthArriveWhole(Writer writer) {
        LocalHttp served = serve(writer);
        List<Integer> lengths = new ArrayList<>();
        for (int border : new int[] {126, 1 << 14, 1 << 16}) {
            // What is around the text takes 10 to 30 bytes.
            IntStream.range(border - 30, border).forEach(lengths::add);
        }
        lengths.add(1 << 20);
        try (WireClient client = connect(served)) {
            ConnectionHandle handle = firstHandle(served);

            for (int length : lengths) {
                String json = "{\"type\":\"N\",\"t\":\"%s\"}".formatted("x".repeat(length));
                handle.reply(Json.frame(json));
            }

            for (int length : lengths) {
                assertThat(client.next("N").getString("t")).isEqualTo("x".repeat(length));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theCloseFrameIsTheLastAndSaysWhy(Writer writer) {
        LocalHttp served = serve(writer);
        try (WireClient client = connect(served)) {
            ConnectionHandle handle = firstHandle(served);

            handle.reply(numbered(1));
            handle.close(CloseCode.SERVICE_RESTART, "back in a minute");
            handle.reply(numbered(2));

            assertThat(client.awaitClose())
                    .isEqualTo(new WireClient.Close(1012, "back in a minute"));
            assertThat(client.untaken()).hasSize(1);
        }
    }

    /** Its answer to the close is behind what else it has sent. */
    @ParameterizedTest
    @EnumSource
    void whoIsInTheMiddleOfSendingAnswersTheClose(Writer writer) {
        LocalHttp served = serve(writer);
        try (WireClient client = connect(served)) {
            var sending = new CountDownLatch(1000);
            stripe.execute(() -> {
                String text = "t".repeat(10_000);
                while (!client.isClosed()) {
                    client.sendText(text);
                    sending.countDown();
                }
            });
            await().until(() -> sending.getCount() == 0);

            registry.drainAll("back in a minute");

            assertThat(client.awaitClose())
                    .isEqualTo(new WireClient.Close(1012, "back in a minute"));
            await().until(() -> registry.count() == 0);
            assertThat(registry.counters().unanswered()).isZero();
        }
    }

    /** The future of the last frame, which cannot be queued unless somebody reads. */
    private static CompletableFuture<SendOutcome> flood(ConnectionHandle handle) {
        var last = new CompletableFuture<SendOutcome>();
        for (int i = 0; i < FLOOD; i++) {
            last =
                    handle.send(new OutboundMessage.Binary(LARGE_FRAME), Duration.ofMinutes(1))
                            .toCompletableFuture();
        }
        return last;
    }

    @ParameterizedTest
    @EnumSource
    void aReaderThatStallsStopsTheWriterAndGetsEverythingWhenItReadsAgain(Writer writer)
            throws Exception {
        LocalHttp served = serve(writer);
        try (RawSocket stalled = RawSocket.connect(served.url("/"))) {
            stalled.send(RawSocket.UPGRADE).answer();
            ConnectionHandle handle = firstHandle(served);

            CompletableFuture<SendOutcome> last = flood(handle);

            // The loop answers another client when it has written to this one what it will.
            try (WireClient other = WireClient.connect(served.webSocketUrl("/ws"))) {
                other.untakenAfterPing();
                assertThat(last).isNotDone();
                assertThat(handle.isCongested()).isTrue();
            }
            int bytes = FLOOD * (4 + LARGE_FRAME.length);
            assertThat(stalled.read(bytes)).hasSize(bytes);
            assertThat(last.get(10, TimeUnit.SECONDS)).isInstanceOf(SendOutcome.Accepted.class);
            assertThat(handle.isCongested()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatWaitsForAClientThatLeavesFails(Writer writer) throws Exception {
        LocalHttp served = serve(writer);
        CompletableFuture<SendOutcome> last;
        ConnectionHandle handle;
        try (RawSocket leaver = RawSocket.connect(served.url("/"))) {
            leaver.send(RawSocket.UPGRADE).answer();
            handle = firstHandle(served);
            last = flood(handle);
        }

        assertThat(last.get(10, TimeUnit.SECONDS))
                .isEqualTo(new SendOutcome.Failed(SendError.DISCONNECTED));
        assertThat(registry.get(handle.id())).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aFrameThatAnnouncesTooMuchIsAnsweredWithTheReason(Writer writer) {
        try (RawSocket raw = RawSocket.connect(serve(writer).url("/"))) {
            raw.send(RawSocket.UPGRADE).answer();

            raw.send(new byte[] {(byte) 0x82, (byte) 0xff, 0, 0, 0, 0, 0, 1, 0, 1});

            assertThat(raw.read(4)).startsWith(0x88).endsWith(1009 >> 8, 1009 & 0xff);
        }
    }

    /** Its answer to the close frame is not looked for, and not waited for. */
    @Test
    void whoBreaksTheProtocolIsHungUpOn() {
        byte[] unknown = {(byte) 0x8b, (byte) 0x80, 0, 0, 0, 0};
        byte[] answer = {(byte) 0x88, (byte) 0x82, 0, 0, 0, 0, 1002 >> 8, (byte) 1002};
        try (RawSocket raw = RawSocket.connect(serve(Writer.CHANNEL).url("/"))) {
            raw.send(RawSocket.UPGRADE).answer();

            raw.send(unknown);

            assertThat(raw.read(4)).startsWith(0x88).endsWith(1002 >> 8, 1002 & 0xff);
            assertThat(raw.send(answer).isClosedByServer()).isTrue();
        }
        await().until(() -> registry.count() == 0);
    }

    /** The answer to the upgrade comes first all the same. */
    @Test
    void whatComesAlongWithTheUpgradeIsTakenForWhatItIs() {
        byte[] ping = masked(Json.frame("{\"type\":\"PING\",\"timestamp\":1}"));
        byte[] tooLarge = {(byte) 0x82, (byte) 0xff, 0, 0, 0, 0, 0, 1, 0, 1};
        byte[] unknown = {(byte) 0x8b, (byte) 0x80, 0, 0, 0, 0};
        URI url = serve(Writer.CHANNEL).url("/");

        try (RawSocket good = RawSocket.connect(url).send(withUpgrade(ping, ping))) {
            assertThat(good.answer().status()).isEqualTo(101);
            byte[] pongs = good.read(2);
            assertThat(pongs[0]).isEqualTo((byte) 0x82);
            assertThat(good.read(pongs[1] + 1)).endsWith(0x82);
        }
        try (RawSocket large = RawSocket.connect(url).send(withUpgrade(tooLarge))) {
            assertThat(large.answer().status()).isEqualTo(101);
            assertThat(large.read(4)).startsWith(0x88).endsWith(1009 >> 8, 1009 & 0xff);
        }
        try (RawSocket broken = RawSocket.connect(url).send(withUpgrade(ping, unknown, ping))) {
            assertThat(broken.answer().status()).isEqualTo(101);
            byte[] pong = broken.read(2);
            assertThat(pong[0]).isEqualTo((byte) 0x82);
            assertThat(broken.read(pong[1] + 4)).endsWith(1002 >> 8, 1002 & 0xff);
        }
        await().until(() -> registry.count() == 0);
    }

    private static byte[] withUpgrade(byte[]... frames) {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(
                RawSocket.UPGRADE.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
        for (byte[] frame : frames) {
            bytes.writeBytes(frame);
        }
        return bytes.toByteArray();
    }

    /** With a mask of zeros. */
    private static byte[] masked(byte[] message) {
        return ByteBuffer.allocate(6 + message.length)
                .put((byte) 0x82)
                .put((byte) (0x80 | message.length))
                .putInt(0)
                .put(message)
                .array();
    }

    @ParameterizedTest
    @EnumSource
    void aMessageThatCannotBeHandledClosesTheConnection(Writer writer) {
        LocalHttp served = serve(writer);
        try (WireClient client = connect(served)) {
            isClockBroken = true;
            client.send("{\"type\":\"PING\",\"timestamp\":1}");

            assertThat(client.awaitClose())
                    .isEqualTo(new WireClient.Close(1011, "a message could not be handled"));
        }
        isClockBroken = false;
        await().until(() -> registry.count() == 0);
        connect(served).leave();
    }

    /** A handshake that the client gets wrong, and one that it leaves in the middle of. */
    @ParameterizedTest
    @ValueSource(strings = {"Sec-WebSocket-Version: 99", "Content-Length: 10"})
    void anUpgradeThatFailsGivesItsPlaceBack(String header) {
        LocalHttp served = serve(Writer.CHANNEL);
        String request =
                RawSocket.UPGRADE
                        .replaceFirst("Sec-WebSocket-Version: 13", header)
                        .replaceFirst("\n\n", "\nSec-WebSocket-Version: 13\n\n");
        List<RawSocket> sockets = new ArrayList<>();
        for (int i = 0; i < MAX_CONNECTIONS; i++) {
            sockets.add(RawSocket.connect(served.url("/")).send(request));
        }
        sockets.forEach(RawSocket::close);

        awaitAllPlaces();
    }

    @Test
    void aConnectionThatEndsGivesItsPlaceBack() {
        LocalHttp served = serve(Writer.CHANNEL);
        for (int i = 0; i < 2 * MAX_CONNECTIONS; i++) {
            connect(served).leave();
            await().until(() -> registry.count() == 0);
        }

        awaitAllPlaces();
    }

    private void awaitAllPlaces() {
        await().until(
                        new Callable<Boolean>() {
                            private int admitted;

                            @Override
                            public Boolean call() {
                                while (admitted < MAX_CONNECTIONS
                                        && registry.admit() instanceof Admitted) {
                                    admitted++;
                                }
                                return admitted == MAX_CONNECTIONS;
                            }
                        });
    }
}
