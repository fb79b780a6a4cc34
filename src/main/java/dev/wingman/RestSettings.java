package dev.wingman;

import dev.wingman.security.account.Passwords;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The part of the configuration that is about the REST API.
 *
 * @param usesPostgresql else a file
 * @param bootstrapPassword null has one made up
 * @param adminSubjects to which policies do not apply
 */
record RestSettings(
        boolean usesPostgresql,
        Passwords.Cost passwordCost,
        String bootstrapEmail,
        @Nullable String bootstrapPassword,
        int rateLimit,
        Duration rateWindow,
        int authRateLimit,
        boolean registration,
        Set<String> adminSubjects) {
    private static final int MIN_PASSWORD_CHARS = 12;

    /**
     * @throws IllegalArgumentException with everything that is wrong, one problem a line
     */
    static RestSettings of(WingmanConfig config) {
        List<String> problems = new ArrayList<>();
        WingmanConfig.Rest rest = config.rest();
        require(problems, rest.rateLimit() > 0, "wingman.rest.rate-limit must be 1 or more");
        require(
                problems,
                rest.authRateLimit() > 0,
                "wingman.rest.auth-rate-limit must be 1 or more");
        require(
                problems,
                rest.rateWindow().toMillis() > 0,
                "wingman.rest.rate-window must be 1ms or more");
        WingmanConfig.Database database = config.database();
        require(
                problems,
                database.url().map(url -> url.startsWith("jdbc:postgresql:")).orElse(true),
                "wingman.database.url must be like jdbc:postgresql://db.example/wingman");
        require(
                problems,
                database.maxConnections() > 0,
                "wingman.database.max-connections must be 1 or more");
        var admin = config.security().bootstrapAdmin();
        require(
                problems,
                admin.password().map(p -> p.length() >= MIN_PASSWORD_CHARS).orElse(true),
                "wingman.security.bootstrap-admin.password must have 12 characters or more");
        Passwords.Cost cost = null;
        try {
            cost = cost(config.security().argon2());
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        if (cost == null || !problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
        return new RestSettings(
                database.url().isPresent(),
                cost,
                admin.email(),
                admin.password().orElse(null),
                rest.rateLimit(),
                rest.rateWindow(),
                rest.authRateLimit(),
                rest.registration(),
                config.security().adminSubjects().orElse(Set.of()));
    }

    private static Passwords.Cost cost(WingmanConfig.Argon2 argon2) {
        long kib = argon2.memory().asLongValue() / 1024;
        if (kib > Passwords.Cost.MAX_MEMORY_KIB) {
            throw new IllegalArgumentException("wingman.security.argon2.memory must be 1G or less");
        }
        return new Passwords.Cost((int) kib, argon2.iterations(), argon2.parallelism());
    }

    private static void require(List<String> problems, boolean condition, String problem) {
        if (!condition) {
            problems.add(problem);
        }
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "RestSettings[usesPostgresql=%s]".formatted(usesPostgresql);
    }
}
