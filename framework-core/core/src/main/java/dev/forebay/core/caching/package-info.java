/**
 * The stage {@code cache}: what may be cached, one call for identical requests in flight, answers
 * that are old but better than none, and the two forms of one answer, streamed and whole.
 */
@NullMarked
package dev.forebay.core.caching;

import org.jspecify.annotations.NullMarked;
