package dev.forebay.queuing.fair;

import dev.forebay.queuing.line.Line;
import dev.forebay.queuing.line.Order;
import java.util.Comparator;

/** What a tenant has waiting, and where in virtual time its next turn begins. */
final class Flow {

  static final Comparator<Flow> BY_START =
      Comparator.<Flow>comparingDouble(flow -> flow.start).thenComparing(flow -> flow.tenant);

  /** The one with most waiting for its weight comes last. */
  static final Comparator<Flow> BY_BACKLOG =
      Comparator.<Flow>comparingDouble(flow -> flow.backlog / flow.weight)
          .thenComparing(flow -> flow.tenant);

  final String tenant;
  final double weight;
  final Line line;

  /** In tokens for a weight of 1. */
  double start;

  /** In tokens. */
  long backlog;

  Flow(String tenant, double weight, Order order, double start) {
    this.tenant = tenant;
    this.weight = weight;
    this.line = new Line(order);
    this.start = start;
  }
}
