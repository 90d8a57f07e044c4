/**
 * The section {@code live-page}: a page on the administration's listener that shows what callers
 * get and how endpoints, queues and caches are, now and over the last 15 minutes.
 */
@NullMarked
package dev.forebay.livepage;

import org.jspecify.annotations.NullMarked;
