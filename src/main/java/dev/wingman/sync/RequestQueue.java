package dev.wingman.sync;

import dev.wingman.connection.ConnectionHandle;
import dev.wingman.lifecycle.InFlightGuard;
import dev.wingman.protocol.ClientMessage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one session that are not answered yet: starts each when its turn has come, and
 * stops reading from a client that asks faster than it is answered or than it reads its answers.
 *
 * <p>Batches of ops may overlap, since the stripes keep their order; any other request waits for
 * the ones before it, so that it sees what they wrote. While a token is looked at, what is here
 * waits for the verdict, and nothing more is read.
 *
 * <p>Confined to the session's loop.
 */
final class RequestQueue {
    /** Names the callback that starts reading again; query ids of clients cannot be empty. */
    private static final String READING = "";

    private final SyncServer server;
    private final ConnectionHandle connection;
    private final Executor loop;
    private final Session.InboundFlow flow;
    private final Consumer<ClientMessage> start;

    private final Deque<ClientMessage> waiting = new ArrayDeque<>(0);

    /** The rest of answers that are sent once the client has read what it has. */
    private final Queue<Runnable> whenDrained = new ArrayDeque<>(0);

    private @Nullable InFlightGuard inFlight;
    private @Nullable Runnable lastWord;
    private boolean finishing;
    private int running;
    private boolean onlyOpsRun;

    /** A token is looked at: until then whoever sent it is not read. */
    private boolean judging;

    private boolean advancing;
    private boolean paused;
    private boolean awaitingDrain;
    private boolean closed;

    /**
     * @param start begins a request, which ends with {@link #done}; must not throw
     */
    RequestQueue(
            SyncServer server,
            ConnectionHandle connection,
            Executor loop,
            Session.InboundFlow flow,
            Consumer<ClientMessage> start) {
        this.server = server;
        this.connection = connection;
        this.loop = loop;
        this.flow = flow;
        this.start = start;
    }

    /** Whether a request is not answered yet. */
    boolean isBusy() {
        return running + waiting.size() > 0;
    }

    /** Call {@link #advance} after the last of those that came together. */
    void add(ClientMessage request) {
        waiting.add(request);
    }

    /** Starts what may start. */
    void advance() {
        advancing = true;
        ClientMessage next = waiting.peek();
        while (next != null && !closed && mayStart(next)) {
            waiting.remove();
            begin(next);
            next = waiting.peek();
        }
        advancing = false;
        releaseIfIdle();
        if (!closed) {
            steerReading();
        }
    }

    private boolean mayStart(ClientMessage next) {
        if (connection.isCongested()) {
            return false;
        }
        return running == 0 || (onlyOpsRun && next instanceof ClientMessage.OpBatch);
    }

    private void begin(ClientMessage request) {
        onlyOpsRun = request instanceof ClientMessage.OpBatch;
        judging = request instanceof ClientMessage.Auth;
        if (inFlight == null) {
            inFlight = server.inFlight();
        }
        running++;
        start.accept(request);
    }

    /** A request has its answer, or needs none. */
    void done() {
        running--;
        judging = false;
        if (!advancing) {
            advance();
        }
    }

    /** Runs what is left of an answer: now, or once the client has read what it has. */
    void afterDrain(Runnable rest) {
        if (connection.isCongested()) {
            whenDrained.add(rest);
            steerReading();
        } else {
            rest.run();
        }
    }

    /** Reads no more, and runs the action once everything that has arrived is answered. */
    void finish(Runnable last) {
        finishing = true;
        lastWord = last;
        advance();
    }

    /** Forgets what is left. */
    void close() {
        closed = true;
        waiting.clear();
        whenDrained.clear();
        releaseIfIdle();
    }

    private void releaseIfIdle() {
        if (!closed && isBusy()) {
            return;
        }
        InFlightGuard held = inFlight;
        if (held != null) {
            inFlight = null;
            held.close();
        }
        Runnable last = lastWord;
        if (last != null && !closed) {
            lastWord = null;
            last.run();
        }
    }

    /** A client that does not read its answers is not read either. */
    private void steerReading() {
        boolean congested = connection.isCongested();
        if (congested && !awaitingDrain) {
            awaitingDrain = true;
            connection.onDrained(READING, () -> loop.execute(this::drained));
        }
        boolean busy =
                congested
                        || finishing
                        || judging
                        || running + waiting.size() >= server.limits().maxInFlight();
        if (busy && !paused) {
            paused = true;
            flow.pause();
        } else if (!busy && paused) {
            paused = false;
            flow.resume();
        }
    }

    private void drained() {
        awaitingDrain = false;
        for (int left = whenDrained.size(); left > 0; left--) {
            afterDrain(whenDrained.remove()); // the one before it may have filled the queue again
        }
        advance();
    }
}
