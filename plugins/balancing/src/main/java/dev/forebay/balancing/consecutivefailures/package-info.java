/** The health policy {@code consecutive-failures}. */
@NullMarked
package dev.forebay.balancing.consecutivefailures;

import org.jspecify.annotations.NullMarked;
