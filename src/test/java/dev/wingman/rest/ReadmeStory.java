package dev.wingman.rest;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The commands of the README's section on missions.
 *
 * @param commands lines for a shell
 * @param shown what the README says that they print
 */
record ReadmeStory(List<String> commands, List<String> shown) {
    private static final String INDENT = "    ";
    private static final String PROMPT = INDENT + "$ ";

    static ReadmeStory read() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        String section = readme.substring(readme.indexOf("### Accounts and missions"));
        List<String> commands = new ArrayList<>();
        List<String> shown = new ArrayList<>();
        for (String line :
                section.substring(0, section.indexOf("### With authentication")).lines().toList()) {
            if (line.startsWith(PROMPT)) {
                commands.add(line.substring(PROMPT.length()));
            } else if (line.startsWith(INDENT)) {
                shown.add(timeless(line.strip()));
            }
        }
        return new ReadmeStory(commands, shown);
    }

    /** What they do print. */
    List<String> printedBy(URI server, Path folder) throws IOException {
        String script =
                String.join("\n", commands).replace("http://127.0.0.1:8080", server.toString());
        Process shell =
                new ProcessBuilder("bash", "-c", script)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start();
        return new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .map(ReadmeStory::timeless)
                .toList();
    }

    /** Without what differs from run to run. */
    private static String timeless(String line) {
        return line.replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID")
                .replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z", "TIME");
    }
}
