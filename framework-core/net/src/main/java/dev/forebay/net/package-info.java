/** What the HTTP clients and servers of the project share. It may use Vert.x and Netty. */
@NullMarked
package dev.forebay.net;

import org.jspecify.annotations.NullMarked;
