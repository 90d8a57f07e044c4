/** The usage ledger {@code mysql}: records, keys and budgets in databases of MySQL or MariaDB. */
@NullMarked
package dev.forebay.mysql;

import org.jspecify.annotations.NullMarked;
