/**
 * The section {@code ledger}: records what each request used, and knows the keys and budgets that
 * change while gateways run. The ledger {@code memory-ledger}.
 */
@NullMarked
package dev.forebay.ledger;

import org.jspecify.annotations.NullMarked;
