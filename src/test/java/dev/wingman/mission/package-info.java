@NullMarked
package dev.wingman.mission;

import org.jspecify.annotations.NullMarked;
