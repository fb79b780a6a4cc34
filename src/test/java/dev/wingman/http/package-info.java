@NullMarked
package dev.wingman.http;

import org.jspecify.annotations.NullMarked;
