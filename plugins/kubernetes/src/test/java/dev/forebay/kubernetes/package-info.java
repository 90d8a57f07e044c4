/** Tests of discovery by Kubernetes. */
@NullMarked
package dev.forebay.kubernetes;

import org.jspecify.annotations.NullMarked;
