/**
 * The section {@code jobs}: requests that are answered later, by workers that use the gateway's own
 * pipeline.
 */
@NullMarked
package dev.forebay.jobs;

import org.jspecify.annotations.NullMarked;
