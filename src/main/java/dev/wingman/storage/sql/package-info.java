/**
 * The relational database of accounts and missions: transactions over SQLite or PostgreSQL.
 *
 * <p>Open {@link dev.wingman.storage.sql.Database} first.
 */
@NullMarked
package dev.wingman.storage.sql;

import org.jspecify.annotations.NullMarked;
