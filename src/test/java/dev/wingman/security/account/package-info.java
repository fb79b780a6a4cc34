@NullMarked
package dev.wingman.security.account;

import org.jspecify.annotations.NullMarked;
