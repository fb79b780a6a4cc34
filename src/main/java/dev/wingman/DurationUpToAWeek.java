package dev.wingman;

import io.quarkus.runtime.configuration.DurationConverter;
import java.time.Duration;
import org.eclipse.microprofile.config.spi.Converter;

/**
 * Reads a duration of a setting. Longer ones than a week mean nothing here, and their milliseconds
 * and the sums of their nanoseconds would not fit where they are counted.
 */
public final class DurationUpToAWeek implements Converter<Duration> {
    private static final long serialVersionUID = 1;
    private static final Duration LONGEST = Duration.ofDays(7);

    /**
     * @throws IllegalArgumentException when it is no duration, or too long
     */
    @Override
    public Duration convert(String text) {
        Duration duration = DurationConverter.parseDuration(text);
        if (duration.abs().compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(text + " is too long: a week (7d) is the most");
        }
        return duration;
    }
}
