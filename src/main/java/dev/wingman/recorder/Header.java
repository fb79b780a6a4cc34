package dev.wingman.recorder;

import java.util.List;
import java.util.Locale;

/** One header or trailer field as it was sent. One character stands for one byte (ISO 8859-1). */
record Header(String name, String value) {
    /** The first value of the name, in whatever case; empty when there is none. */
    static String first(List<Header> headers, String name) {
        for (Header header : headers) {
            if (header.name.equalsIgnoreCase(name)) {
                return header.value;
            }
        }
        return "";
    }

    String lowerCaseName() {
        return name.toLowerCase(Locale.ROOT);
    }
}
