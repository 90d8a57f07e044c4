/** Real servers, as processes that tests start, stop, pause and kill: no containers. */
@NullMarked
package dev.forebay.servers;

import org.jspecify.annotations.NullMarked;
