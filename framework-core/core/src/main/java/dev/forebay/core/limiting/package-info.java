/** Rate limits, and admission: how many requests may run, and which of the others wait. */
@NullMarked
package dev.forebay.core.limiting;

import org.jspecify.annotations.NullMarked;
