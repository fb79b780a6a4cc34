package dev.wingman.protocol;

import java.util.Optional;
import java.util.regex.Pattern;

/** Name of a topic: 1 to 256 of letters, digits and {@code _ - . : /}. */
public record TopicName(String value) {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_\\-.:/]{1,256}");

    public TopicName {
        if (!FORM.matcher(value).matches()) {
            throw new ProtocolException(
                    ErrorCode.BAD_REQUEST,
                    "a topic name has 1 to 256 of letters, digits and _ - . : /");
        }
    }

    /** Empty for a name that the protocol tells us to ignore silently. */
    public static Optional<TopicName> of(String value) {
        return FORM.matcher(value).matches() ? Optional.of(new TopicName(value)) : Optional.empty();
    }

    /** Whether only the server publishes to it: live events of the REST API. */
    public boolean isReserved() {
        return value.equals("missions")
                || value.startsWith("missions/")
                || value.startsWith("users/");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TopicName name && value.equals(name.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return value;
    }
}
