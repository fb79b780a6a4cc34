/**
 * Accounts of people: passwords, logins, roles, and the record of what was done to them.
 *
 * <p>Open {@link dev.wingman.security.account.Accounts} first.
 */
@NullMarked
package dev.wingman.security.account;

import org.jspecify.annotations.NullMarked;
