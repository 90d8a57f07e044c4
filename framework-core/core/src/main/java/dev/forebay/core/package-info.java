/**
 * The mechanisms: each owns the asynchrony of one kind of policy (wake-ups, permits, retries,
 * cancellation, single flight), so that the policies themselves stay small decisions on values.
 */
@NullMarked
package dev.forebay.core;

import org.jspecify.annotations.NullMarked;
