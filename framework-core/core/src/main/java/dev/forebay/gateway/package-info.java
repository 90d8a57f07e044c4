/** Gateways: how pipelines and pools are described, in code and in YAML, and put together. */
@NullMarked
package dev.forebay.gateway;

import org.jspecify.annotations.NullMarked;
