/**
 * The REST API under {@code /api/v1}: resources turn requests into calls of accounts, missions and
 * specs, and what comes of them into answers; filters and mappers hold the rules that all share.
 *
 * <p>Open {@link dev.wingman.rest.MissionsResource} first, then {@link
 * dev.wingman.rest.Doorkeeper}.
 */
@NullMarked
package dev.wingman.rest;

import org.jspecify.annotations.NullMarked;
