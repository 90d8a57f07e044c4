/** What has changed between two reports: better, worse, the same, or not to be told. */
@NullMarked
package dev.forebay.replay.diff;

import org.jspecify.annotations.NullMarked;
