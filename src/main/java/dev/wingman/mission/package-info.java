/**
 * Missions, their numbered specs, and the events that tell of every change.
 *
 * <p>Open {@link dev.wingman.mission.Missions} first. A change is one transaction: rows and the
 * event in the outbox; {@link dev.wingman.mission.EventFeed} tells the event to listeners once it
 * is committed.
 */
@NullMarked
package dev.wingman.mission;

import org.jspecify.annotations.NullMarked;
