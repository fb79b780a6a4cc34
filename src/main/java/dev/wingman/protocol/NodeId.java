package dev.wingman.protocol;

import java.util.regex.Pattern;

/** A server of the cluster: 1 to 64 of lower-case letters, digits, dot and hyphen. */
public record NodeId(String value) {
    private static final Pattern FORM = Pattern.compile("[a-z0-9.-]{1,64}");

    public NodeId {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "a node id has 1 to 64 of a-z, 0-9, '.' and '-', not: " + value);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NodeId id && value.equals(id.value);
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
