/** Reports as one page of HTML that needs no network: words, tables, and charts made of them. */
@NullMarked
package dev.forebay.replay.page;

import org.jspecify.annotations.NullMarked;
