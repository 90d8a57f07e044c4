/**
 * The state of a gateway's parts at one moment, as its administration, writers of metrics and
 * autoscalers read it.
 */
@NullMarked
package dev.forebay.spi.state;

import org.jspecify.annotations.NullMarked;
