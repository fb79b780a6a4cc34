/**
 * What survives a crash: records, the log of their changes, and the sums that describe them.
 *
 * <p>Open {@link dev.wingman.storage.RecordStore} first.
 */
@NullMarked
package dev.wingman.storage;

import org.jspecify.annotations.NullMarked;
