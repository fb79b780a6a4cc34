/**
 * What the server does: takes writes through merge, commit and fan-out, and answers what clients
 * ask about maps, queries and topics.
 *
 * <pre>
 * frame -> {@link dev.wingman.sync.Session} -> {@link dev.wingman.sync.Maps} -> Stripe
 *       -> CommitPipeline -> store beside replication -> MapSums, FanOut, LiveQueries -> reply
 * </pre>
 *
 * <p>Open {@link dev.wingman.sync.Session} first, then {@link dev.wingman.sync.CommitPipeline}.
 */
@NullMarked
package dev.wingman.sync;

import org.jspecify.annotations.NullMarked;
