/**
 * Who a client is, how it proves that, and how much it may ask for.
 *
 * <p>Open {@link dev.wingman.security.TokenVerifier} first.
 */
@NullMarked
package dev.wingman.security;

import org.jspecify.annotations.NullMarked;
