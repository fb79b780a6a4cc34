package dev.wingman.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.testing.ServerProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** RFC 7540 as h2spec sees it, against the packaged server. */
class H2specConformance {
    private static final String ARCHIVE = "/h2spec/2.2.0/h2spec_linux_amd64.tar.gz";
    private static final int CASES = 145;

    /**
     * Frames on streams that have ended, which Netty ignores or answers with an error of the stream
     * where the standard of that time asked for one of the connection; known upstream since
     * https://github.com/quarkusio/quarkus/issues/28997. The first is also a race with the answer
     * to the request before it: https://github.com/summerwind/h2spec/issues/89.
     */
    private static final Set<String> KNOWN =
            Set.of(
                    "http2/5.1 half closed (remote): Sends a HEADERS frame",
                    "http2/5.1 closed: Sends a HEADERS frame",
                    "http2/5.1.1 Sends stream identifier that is numerically smaller than previous");

    @TempDir private Path folder;

    @Test
    void everyCasePassesButThoseKnownUpstream() throws Exception {
        Path report = folder.resolve("report.xml");
        Path log = Path.of("target", "h2spec.log");
        try (ServerProcess server = ServerProcess.in(folder).start()) {
            String port = String.valueOf(server.port());
            Process h2spec =
                    new ProcessBuilder(
                                    program().toString(),
                                    "-h",
                                    "127.0.0.1",
                                    "-p",
                                    port,
                                    "-o",
                                    "5",
                                    "-P",
                                    "/health",
                                    "-j",
                                    report.toString())
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start();
            assertThat(h2spec.waitFor(5, TimeUnit.MINUTES)).as("h2spec ends").isTrue();
        }

        NodeList cases = cases(report);
        assertThat(cases.getLength()).isEqualTo(CASES);
        assertThat(failed(cases)).as("see %s", log).isSubsetOf(KNOWN);
    }

    private static Set<String> failed(NodeList cases) {
        var failed = new TreeSet<String>();
        for (int i = 0; i < cases.getLength(); i++) {
            Element each = (Element) cases.item(i);
            if (each.getElementsByTagName("*").getLength() > 0) {
                failed.add(each.getAttribute("package") + " " + each.getAttribute("classname"));
            }
        }
        return failed;
    }

    private static NodeList cases(Path report)
            throws IOException, ParserConfigurationException, SAXException {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(report.toFile())
                .getElementsByTagName("testcase");
    }

    /** Out of the Maven plug-in that carries it. */
    private Path program() throws IOException, InterruptedException {
        Path archive = folder.resolve("h2spec.tar.gz");
        try (InputStream packed = H2specConformance.class.getResourceAsStream(ARCHIVE)) {
            Files.copy(Objects.requireNonNull(packed), archive);
        }
        Process tar =
                new ProcessBuilder("tar", "-xzf", archive.toString(), "-C", folder.toString())
                        .inheritIO()
                        .start();
        assertThat(tar.waitFor()).isZero();
        return folder.resolve("h2spec");
    }
}
