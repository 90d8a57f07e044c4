/** Tests of the supervised server: its child is a JVM around the same binding. */
@NullMarked
package dev.forebay.llama.server;

import org.jspecify.annotations.NullMarked;
