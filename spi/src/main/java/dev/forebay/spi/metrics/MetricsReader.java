package dev.forebay.spi.metrics;

/** Reads all figures of a gateway. Plugins are lent one ({@code context.resource}). */
@FunctionalInterface
public interface MetricsReader {

  /** The figures now. On the gateway's timeline, since gauges are read there. */
  Snapshot snapshot();
}
