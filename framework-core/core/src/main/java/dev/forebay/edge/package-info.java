/**
 * The HTTP surface: requests in OpenAI's form come in, answers and errors in the same form go out.
 */
@NullMarked
package dev.forebay.edge;

import org.jspecify.annotations.NullMarked;
