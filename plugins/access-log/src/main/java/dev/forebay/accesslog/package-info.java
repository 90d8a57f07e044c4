/** A log of requests: one line of JSON for each. */
@NullMarked
package dev.forebay.accesslog;

import org.jspecify.annotations.NullMarked;
