@NullMarked
package dev.forebay.gateway;

import org.jspecify.annotations.NullMarked;
