package dev.forebay.spi.metrics;

/**
 * A metric with labels: one counter, gauge or histogram for each combination of values. Safe from
 * any thread.
 *
 * @param <T> a counter, a gauge, a histogram
 */
@FunctionalInterface
public interface Labelled<T> {

  /**
   * The series of some values, made when it is first asked for. What is asked for often is better
   * kept.
   *
   * @param values one for each label, in the order of the labels; see {@link Label} for their bound
   * @throws IllegalArgumentException if there are more or fewer values than labels
   */
  T of(String... values);
}
