/**
 * Jobs in the memory of one process: for tests, for replays in virtual time, and for trying out.
 */
@NullMarked
package dev.forebay.jobs.memory;

import org.jspecify.annotations.NullMarked;
