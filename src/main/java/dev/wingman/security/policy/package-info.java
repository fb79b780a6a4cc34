/**
 * Who may read and change which maps: rules that administrators make (wire protocol 2.7). Open
 * {@link dev.wingman.security.policy.Policies} first; {@link
 * dev.wingman.security.policy.PolicyStore} keeps them.
 */
@NullMarked
package dev.wingman.security.policy;

import org.jspecify.annotations.NullMarked;
