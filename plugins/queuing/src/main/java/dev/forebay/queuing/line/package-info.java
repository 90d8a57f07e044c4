/** What several queues are made of: tickets in an order, and the measured service time. */
@NullMarked
package dev.forebay.queuing.line;

import org.jspecify.annotations.NullMarked;
