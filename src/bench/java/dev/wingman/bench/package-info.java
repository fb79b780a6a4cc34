/** Load generators and measurements; not part of the server. Each main prints one table. */
@NullMarked
package dev.wingman.bench;

import org.jspecify.annotations.NullMarked;
