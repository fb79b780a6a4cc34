@NullMarked
package dev.wingman.rest;

import org.jspecify.annotations.NullMarked;
