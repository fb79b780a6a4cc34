package dev.wingman.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.testing.WebClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordAndReplayTest {
    @TempDir private Path folder;

    @Test
    void whatTheTargetSaidIsSaidAgainWithoutIt() {
        HttpResponse<byte[]> live;
        try (var target =
                        RawTarget.saying(
                                """
                                HTTP/1.1 200 Fine
                                Content-Type: application/json
                                Content-Length: 11

                                {"a":[1,2]}\
                                """);
                Rig rig = Rig.recording(folder, target.port()).start();
                WebClient client = WebClient.http1(rig.url("/"))) {
            live = client.get("/things?b=1&a");
        }

        try (Rig rig = Rig.replaying(folder).start();
                WebClient client = WebClient.http1(rig.url("/"))) {
            HttpResponse<byte[]> replayed = client.get("/things?b=1&a");
            HttpResponse<byte[]> again = client.get("/things?b=1&a");

            assertThat(new String(live.body(), StandardCharsets.UTF_8)).isEqualTo("{\"a\":[1,2]}");
            assertThat(replayed.statusCode()).isEqualTo(200);
            assertThat(replayed.body()).isEqualTo(live.body());
            assertThat(replayed.headers().map()).isEqualTo(live.headers().map());
            assertThat(again.statusCode()).isEqualTo(404);
            assertThat(new String(again.body(), StandardCharsets.UTF_8)).contains("more often");
        }
    }
}
