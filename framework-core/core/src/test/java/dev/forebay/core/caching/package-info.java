@NullMarked
package dev.forebay.core.caching;

import org.jspecify.annotations.NullMarked;
