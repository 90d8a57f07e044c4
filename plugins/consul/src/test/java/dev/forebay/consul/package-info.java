/** Tests of discovery by Consul. */
@NullMarked
package dev.forebay.consul;

import org.jspecify.annotations.NullMarked;
