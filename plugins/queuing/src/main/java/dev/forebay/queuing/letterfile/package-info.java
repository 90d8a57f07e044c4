/** The store of dead letters {@code letter-file}. */
@NullMarked
package dev.forebay.queuing.letterfile;

import org.jspecify.annotations.NullMarked;
