@NullMarked
package dev.wingman.cluster.partition;

import org.jspecify.annotations.NullMarked;
