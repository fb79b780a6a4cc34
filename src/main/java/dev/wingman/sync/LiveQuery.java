package dev.wingman.sync;

import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.query.Change;
import dev.wingman.query.CompiledQuery;
import dev.wingman.query.QueryWindow;
import dev.wingman.query.Row;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One query and the rows its client sees.
 *
 * <p>Every stripe scans its partitions once and from then on sends what changes in them; this
 * object joins that. When a bounded window runs out of rows it may not know the next one: it then
 * scans again, under a new generation, and drops what still comes of the one before. Changes of one
 * partition arrive in their order, because each stripe sends scan and changes itself.
 *
 * <p>Confined to its home stripe, but for {@link #start}, {@link #resend} and {@link #close}.
 */
final class LiveQuery {
    /** What is asked, of which map. */
    record Subject(MapName map, CompiledQuery query) {}

    /** Hears of rows, on the home stripe. */
    interface Sink {
        /** All rows: the first answer, and again after {@link #resend}. */
        void rows(List<Row> rows, boolean hasMore);

        void changed(List<Change> changes);

        /** The query cannot be answered and ends here. */
        void failed(RuntimeException cause);
    }

    /**
     * What became of a key.
     *
     * @param row null when it is not, or no longer, among the matches
     */
    record Verdict(Key key, @Nullable Row row) {}

    private final Subject subject;
    private final Sink sink;
    private final List<Stripe> stripes;
    private final Stripe home;
    private QueryWindow window;

    /** Rows of a repeated scan; null while none is under way. */
    private @Nullable QueryWindow rescanned;

    private int generation = 1;
    private int stripesMissing;
    private boolean answered;
    private boolean closed;

    LiveQuery(Subject subject, Sink sink, List<Stripe> stripes, Stripe home) {
        this.subject = subject;
        this.sink = sink;
        this.stripes = stripes;
        this.home = home;
        this.window = new QueryWindow(subject.query());
        this.stripesMissing = stripes.size();
    }

    Subject subject() {
        return subject;
    }

    Stripe home() {
        return home;
    }

    /** Begins to scan. Thread-safe. */
    void start() {
        home.executor()
                .execute(() -> {
                    home.watches().addHome(this);
                    scan();
                });
    }

    /** Sends all rows again, for a client that missed a change. Thread-safe. */
    void resend() {
        home.executor()
                .execute(() -> {
                    if (answered && !closed) {
                        guarded(() -> sink.rows(window.visible(), window.hasMore()));
                    }
                });
    }

    /**
     * Ends it. Thread-safe.
     *
     * @param done runs on the home stripe, after the last thing the sink hears
     */
    void close(Runnable done) {
        home.executor()
                .execute(() -> {
                    closeHere();
                    done.run();
                });
    }

    private void closeHere() {
        if (closed) {
            return;
        }
        closed = true;
        home.watches().removeHome(this);
        for (Stripe stripe : stripes) {
            stripe.executor().execute(() -> stripe.watches().remove(this));
        }
    }

    private void scan() {
        int asked = generation;
        for (Stripe stripe : stripes) {
            stripe.executor().execute(() -> stripe.watches().scan(this, asked));
        }
    }

    /** Rows and changes of one stripe, in the order they happened there. */
    void changed(int ofGeneration, List<Verdict> changes) {
        if (!closed && ofGeneration == generation) {
            guarded(() -> take(changes));
        }
    }

    @SuppressWarnings("IllegalCatch") // what goes wrong with one query ends it, and nothing else
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private void take(List<Verdict> changes) {
        QueryWindow target = rescanned != null ? rescanned : window;
        if (!answered || rescanned != null) {
            for (Verdict change : changes) {
                apply(target, change);
            }
            return;
        }
        var visible = new ArrayList<Change>();
        for (Verdict change : changes) {
            visible.addAll(apply(target, change));
        }
        tell(visible);
    }

    private static List<Change> apply(QueryWindow window, Verdict change) {
        Row row = change.row();
        return row == null ? window.remove(change.key()) : window.put(row);
    }

    /** One stripe has sent every row it has. */
    void scanned(int ofGeneration) {
        if (!closed && ofGeneration == generation && --stripesMissing == 0) {
            guarded(this::complete);
        }
    }

    private void complete() {
        QueryWindow fresh = rescanned;
        if (!answered) {
            answered = true;
            sink.rows(window.visible(), window.hasMore());
            refillIfNeeded(); // rows may have left during the scan
        } else if (fresh != null) {
            rescanned = null;
            List<Change> changes = window.changesTo(fresh);
            window = fresh;
            tell(changes);
        }
    }

    void failed(RuntimeException cause) {
        if (!closed) {
            closeHere();
            sink.failed(cause);
        }
    }

    void expire(long nowMillis) {
        if (answered && !closed && rescanned == null) {
            guarded(() -> tell(window.expire(nowMillis)));
        }
    }

    private void tell(List<Change> changes) {
        if (!changes.isEmpty()) {
            sink.changed(changes);
        }
        refillIfNeeded();
    }

    private void refillIfNeeded() {
        if (window.needsRefill()) {
            generation++;
            stripesMissing = stripes.size();
            rescanned = window.startAgain();
            scan();
        }
    }
}
