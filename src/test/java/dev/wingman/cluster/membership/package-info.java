@NullMarked
package dev.wingman.cluster.membership;

import org.jspecify.annotations.NullMarked;
