@NullMarked
package dev.forebay.examples.deployment;

import org.jspecify.annotations.NullMarked;
