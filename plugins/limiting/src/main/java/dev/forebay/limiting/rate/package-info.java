/** What rate limiters share: keys, the bounded table of them, and the arithmetic. */
@NullMarked
package dev.forebay.limiting.rate;

import org.jspecify.annotations.NullMarked;
