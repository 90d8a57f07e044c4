/** What balancers share that keep requests together: keys, a bound on load, a table of prefixes. */
@NullMarked
package dev.forebay.balancing.affinity;

import org.jspecify.annotations.NullMarked;
