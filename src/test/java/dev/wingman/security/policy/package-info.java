@NullMarked
package dev.wingman.security.policy;

import org.jspecify.annotations.NullMarked;
