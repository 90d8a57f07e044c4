/** What callers used, which keys callers have, and what they may spend in a month. */
@NullMarked
package dev.forebay.spi.ledger;

import org.jspecify.annotations.NullMarked;
