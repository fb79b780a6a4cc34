@NullMarked
package dev.wingman.websocket;

import org.jspecify.annotations.NullMarked;
