package dev.wingman.rest;

import dev.wingman.security.RefusedException;
import dev.wingman.security.account.AuditLog.Entry;

/** Who may look after others and after the server. */
final class Administrators {
    private Administrators() {}

    /**
     * Refuses everybody else, and has that on record.
     *
     * @param what they wanted, as the audit has it
     */
    static void require(RestServer server, Visit visit, String what) {
        if (visit.caller().isAdmin()) {
            return;
        }
        server.parts()
                .audit()
                .add(
                        visit.origin(),
                        new Entry(visit.caller().id().toString(), what, visit.path(), "forbidden"));
        throw new RefusedException(
                RefusedException.Kind.FORBIDDEN, "forbidden", "only administrators may");
    }
}
