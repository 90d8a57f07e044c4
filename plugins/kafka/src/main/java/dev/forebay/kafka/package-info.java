/**
 * Jobs in a Kafka: a queue whose topics are read by a group of workers, and a topic for dead
 * letters.
 */
@NullMarked
package dev.forebay.kafka;

import org.jspecify.annotations.NullMarked;
