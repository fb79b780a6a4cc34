package dev.wingman.testing;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * To another machine, so to speak: programs run at its far end, and when it is pulled neither side
 * hears of the other again. A network namespace of Linux with a pair of virtual cards.
 */
public final class Cable implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 10;

    /** Of the networks for tests of networks (RFC 2544). */
    private static final String NEAR_ADDRESS = "198.18.73.1";

    private static final String FAR_ADDRESS = "198.18.73.2";
    private static final String NETWORK_BITS = "/30";

    private final String name;

    private Cable(String name) {
        this.name = name;
    }

    /**
     * @return null where this is not allowed
     */
    public static @Nullable Cable plug() {
        var cable = new Cable("wm" + ProcessHandle.current().pid());
        if (cable.lay()) {
            return cable;
        }
        cable.close();
        return null;
    }

    private boolean lay() {
        return run("ip", "netns", "add", name)
                && run(
                        "ip", "link", "add", near(), "type", "veth", "peer", "name", far(), "netns",
                        name)
                && run("ip", "address", "add", NEAR_ADDRESS + NETWORK_BITS, "dev", near())
                && run("ip", "link", "set", near(), "up")
                && run(there("ip", "address", "add", FAR_ADDRESS + NETWORK_BITS, "dev", far()))
                && run(there("ip", "link", "set", far(), "up"));
    }

    private String near() {
        return name + "n";
    }

    private String far() {
        return name + "f";
    }

    private String[] there(String... command) {
        String[] prefix = {"ip", "netns", "exec", name};
        String[] all = new String[prefix.length + command.length];
        System.arraycopy(prefix, 0, all, 0, prefix.length);
        System.arraycopy(command, 0, all, prefix.length, command.length);
        return all;
    }

    /** Where programs at the far end find this one. */
    public String address() {
        return NEAR_ADDRESS;
    }

    /** Runs a program at the far end; its input and output are the test's. */
    public Process runThere(List<String> command) throws IOException {
        return new ProcessBuilder(there(command.toArray(String[]::new)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    public void pull() throws IOException {
        if (!run(there("ip", "link", "set", far(), "down"))) {
            throw new IOException("the cable cannot be pulled");
        }
    }

    @Override
    public void close() {
        run("ip", "netns", "delete", name); // and with it the cards
    }

    private static boolean run(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException _) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
