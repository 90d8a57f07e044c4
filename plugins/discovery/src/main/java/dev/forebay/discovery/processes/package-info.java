/** Source of endpoints {@code processes}. */
@org.jspecify.annotations.NullMarked
package dev.forebay.discovery.processes;
