/**
 * The plain HTTP side: the layers every answer passes through, and the routes that are neither REST
 * resources nor sockets.
 *
 * <p>Open {@link dev.wingman.http.HttpLayers} first.
 */
@NullMarked
package dev.wingman.http;

import org.jspecify.annotations.NullMarked;
