/**
 * What the server does: takes writes through merge, commit and fan-out, and answers what clients
 * ask about maps, queries and topics. From a frame to its ack:
 *
 * <pre>
 * loop of the socket   Session         rate limit, order, one request after the other
 *                      OpAcknowledgements.add, MapNames.admit, Subscriptions.follow
 *                      Maps.write      ops by partition to their stripes, joined by WriteJoin
 * each stripe          Stripe.write
 *                      CommitPipeline  merge against store and overlay, open batch
 * committer            RecordStore.commit beside Replication.replicate
 * each stripe          CommitPipeline  MapSums, then FanOut to Interest, then QueryWatches
 *                      WriteJoin       when the last stripe is done
 * loop of the socket   OpAcknowledgements.written, OP_ACK in the order of the batches
 * </pre>
 *
 * <p>A query goes {@code Subscriptions -> ClientQuery -> LiveQuery}, which every stripe's {@code
 * QueryWatches} feeds. What fails on the way ends in {@code Failures}, which makes the answer.
 *
 * <p>Open {@link dev.wingman.sync.Session} first, then {@link dev.wingman.sync.CommitPipeline}.
 */
@NullMarked
package dev.wingman.sync;

import org.jspecify.annotations.NullMarked;
