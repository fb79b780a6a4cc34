/**
 * The contract of stores, the forms that pass it, and what only files can be asked.
 *
 * <p>Open {@link dev.wingman.storage.RecordStoreContract} first.
 */
@NullMarked
package dev.wingman.storage;

import org.jspecify.annotations.NullMarked;
