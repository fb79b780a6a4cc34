/** Tests of the meaning of queries; the heart is {@link dev.wingman.query.QueryWindowModelTest}. */
@NullMarked
package dev.wingman.query;

import org.jspecify.annotations.NullMarked;
