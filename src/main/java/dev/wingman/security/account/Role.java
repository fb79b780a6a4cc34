package dev.wingman.security.account;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What a person may do in the REST API. */
public enum Role {
    /** Everything. */
    ADMIN,
    /** Missions of their own. */
    USER,
    /** Reads every mission and changes none. */
    VIEWER;

    /** As in tokens, in the database and in JSON. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Role> of(String text) {
        for (Role role : values()) {
            if (role.text().equals(text)) {
                return Optional.of(role);
            }
        }
        return Optional.empty();
    }

    /** Others than ours are left out: tokens of other issuers have roles of their own. */
    public static Set<Role> among(Iterable<String> texts) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        texts.forEach(text -> of(text).ifPresent(roles::add));
        return roles;
    }

    /** In alphabetical order. */
    public static Set<String> texts(Iterable<Role> roles) {
        Set<String> texts = new TreeSet<>();
        roles.forEach(role -> texts.add(role.text()));
        return texts;
    }
}
