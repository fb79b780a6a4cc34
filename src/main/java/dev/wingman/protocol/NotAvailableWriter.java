package dev.wingman.protocol;

import dev.wingman.protocol.ServerMessage.NotAvailable;
import java.io.IOException;

/** Writes the answers that say no, each as its type would say yes with nothing found. */
final class NotAvailableWriter {
    private final WireWriter out;

    NotAvailableWriter(WireWriter out) {
        this.out = out;
    }

    void write(NotAvailable answer) throws IOException {
        switch (answer.type()) { // no default: a new answer must fail to compile here
            case SEARCH_RESP -> search(answer);
            case VECTOR_SEARCH_RESP -> vectorSearch(answer);
            case HYBRID_SEARCH_RESP -> hybridSearch(answer);
            case SQL_QUERY_RESP -> sqlQuery(answer);
            case JOURNAL_READ_RESPONSE -> journalRead(answer);
            case ENTRY_PROCESS_RESPONSE, REGISTER_RESOLVER_RESPONSE, UNREGISTER_RESOLVER_RESPONSE ->
                    failed(answer);
            case ENTRY_PROCESS_BATCH_RESPONSE -> entryProcessBatch(answer);
            case LIST_RESOLVERS_RESPONSE -> listResolvers(answer);
            case LOCK_RELEASED -> lockReleased(answer);
        }
    }

    private void search(NotAvailable answer) throws IOException {
        out.payload(answer.type().name(), 4);
        out.text("requestId", answer.requestId());
        out.array("results", 0);
        out.number("totalCount", 0);
        out.text("error", answer.error());
    }

    private void vectorSearch(NotAvailable answer) throws IOException {
        out.payload(answer.type().name(), 5);
        out.text("id", answer.requestId());
        out.array("results", 0);
        out.number("totalCandidates", 0);
        out.number("searchTimeMs", 0);
        out.text("error", answer.error());
    }

    private void hybridSearch(NotAvailable answer) throws IOException {
        out.payload(answer.type().name(), 4);
        out.text("requestId", answer.requestId());
        out.array("results", 0);
        out.number("searchTimeMs", 0);
        out.text("error", answer.error());
    }

    private void sqlQuery(NotAvailable answer) throws IOException {
        out.payload(answer.type().name(), 5);
        out.text("queryId", answer.requestId());
        out.array("columns", 0);
        out.array("rows", 0);
        out.text("error", answer.error());
        out.text("code", "FEATURE_DISABLED");
    }

    private void journalRead(NotAvailable answer) throws IOException {
        out.flat(answer.type().name(), 4);
        out.text("requestId", answer.requestId());
        out.array("events", 0);
        out.flag("hasMore", false);
        out.text("error", answer.error());
    }

    private void failed(NotAvailable answer) throws IOException {
        out.flat(answer.type().name(), 3);
        out.text("requestId", answer.requestId());
        out.flag("success", false);
        out.text("error", answer.error());
    }

    private void entryProcessBatch(NotAvailable answer) throws IOException {
        out.flat(answer.type().name(), 2);
        out.text("requestId", answer.requestId());
        out.map("results", answer.subjects().size());
        for (String key : answer.subjects()) {
            out.map(key, 2);
            out.flag("success", false);
            out.text("error", answer.error());
        }
    }

    private void listResolvers(NotAvailable answer) throws IOException {
        out.flat(answer.type().name(), 2);
        out.text("requestId", answer.requestId());
        out.array("resolvers", 0);
    }

    private void lockReleased(NotAvailable answer) throws IOException {
        out.payload(answer.type().name(), 3);
        out.text("requestId", answer.requestId());
        out.text("name", answer.subjects().getFirst());
        out.flag("success", false);
    }
}
