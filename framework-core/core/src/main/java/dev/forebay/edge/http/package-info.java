/** HTTP requests in the form of OpenAI, read strictly; answers and errors in the same form. */
@NullMarked
package dev.forebay.edge.http;

import org.jspecify.annotations.NullMarked;
