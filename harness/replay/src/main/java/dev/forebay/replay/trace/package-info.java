/**
 * Traffic to replay: readers of public trace formats and of Forebay's own, statistics, a seeded
 * generator, and overlays that give a trace what it lacks.
 */
@NullMarked
package dev.forebay.replay.trace;

import org.jspecify.annotations.NullMarked;
