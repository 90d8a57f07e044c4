/**
 * The client of live mode: Gatling's injection and HTTP client drive a gateway at the arrival times
 * of a trace, and each request is written down as it went. It runs in a process of its own, with a
 * class path of its own; a plan and a file of results are all that it shares with the harness.
 */
@NullMarked
package dev.forebay.live;

import org.jspecify.annotations.NullMarked;
