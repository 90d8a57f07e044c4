/** What concurrency limiters share: permits that are counted. */
@NullMarked
package dev.forebay.limiting.permits;

import org.jspecify.annotations.NullMarked;
