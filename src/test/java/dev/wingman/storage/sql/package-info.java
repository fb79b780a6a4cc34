@NullMarked
package dev.wingman.storage.sql;

import org.jspecify.annotations.NullMarked;
