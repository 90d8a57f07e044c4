/** Stage {@code waiting-room}. */
@org.jspecify.annotations.NullMarked
package dev.forebay.scaling.waitingroom;
