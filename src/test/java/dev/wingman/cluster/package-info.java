@NullMarked
package dev.wingman.cluster;

import org.jspecify.annotations.NullMarked;
