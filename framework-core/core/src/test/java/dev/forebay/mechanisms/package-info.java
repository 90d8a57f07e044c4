@NullMarked
package dev.forebay.mechanisms;

import org.jspecify.annotations.NullMarked;
