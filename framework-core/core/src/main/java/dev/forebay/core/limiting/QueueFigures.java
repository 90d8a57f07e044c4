package dev.forebay.core.limiting;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Buckets;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Gauge;
import dev.forebay.spi.metrics.Histogram;
import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;
import dev.forebay.spi.policy.Ticket;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;

/**
 * The figures of a queue, for each class and tenant: how many wait and for how long the oldest has;
 * how long those waited and were served that had their turn; how many left unserved, by the reason.
 * The first tenants have figures of their own, up to a bound; the others have theirs together. On
 * the gateway's timeline.
 */
final class QueueFigures {

  private static final int REASONS = 32;
  private static final int LONGEST_TENANT = 200;

  private final int mostTenants;
  private final Timeline timeline;
  private final Labelled<Gauge> waiting;
  private final Labelled<Gauge> oldest;
  private final Labelled<Histogram> waits;
  private final Labelled<Histogram> services;
  private final Labelled<Counter> dropped;
  private final Map<String, Map<Integer, Cell>> cells = new LinkedHashMap<>();

  QueueFigures(PluginContext context, int mostTenants) {
    this.mostTenants = mostTenants;
    this.timeline = context.timeline();
    Label priority = new Label("class", RequestInfo.LEAST_PRIORITY + 1);
    Label tenant = new Label("tenant", mostTenants + 1);
    this.waiting = context.gauges("waiting", priority, tenant);
    this.oldest = context.gauges("oldest_seconds", priority, tenant);
    this.waits = context.histograms("queue_seconds", Buckets.SECONDS, priority, tenant);
    this.services = context.histograms("service_seconds", Buckets.SECONDS, priority, tenant);
    this.dropped = context.counters("dropped", new Label("reason", REASONS), priority, tenant);
  }

  /** A ticket waits. */
  void waits(Ticket ticket) {
    of(ticket.request()).tickets.add(ticket);
  }

  /** A ticket has had its turn. */
  void served(Ticket ticket) {
    Cell cell = of(ticket.request());
    cell.tickets.remove(ticket);
    cell.wait.record(timeline.nanos() - ticket.enqueuedNanos());
  }

  /** A ticket has left unserved. */
  void dropped(Ticket ticket, String reason) {
    of(ticket.request()).tickets.remove(ticket);
    dropped(ticket.request(), reason);
  }

  /** A request was refused without a ticket. */
  void dropped(RequestInfo request, String reason) {
    Cell cell = of(request);
    dropped.of(reason, cell.priority, cell.tenant).increment();
  }

  /** A request that was let on is over. */
  void over(RequestInfo request, Outcome outcome) {
    of(request).service.record(outcome.timings().durationNanos());
  }

  private Cell of(RequestInfo request) {
    String tenant = request.caller().tenant();
    boolean own =
        cells.containsKey(tenant)
            || (cells.size() < mostTenants && tenant.length() <= LONGEST_TENANT);
    return cells
        .computeIfAbsent(own ? tenant : Label.OTHER, any -> new LinkedHashMap<>())
        .computeIfAbsent(
            request.priority(), priority -> new Cell(priority, own ? tenant : Label.OTHER));
  }

  private static String name(int priority) {
    return switch (priority) {
      case RequestInfo.VIP -> "vip";
      case RequestInfo.STANDARD -> "standard";
      case RequestInfo.BATCH -> "batch";
      default -> String.valueOf(priority);
    };
  }

  /** One class of one tenant. */
  private final class Cell {
    private final String priority;
    private final String tenant;
    private final LinkedHashSet<Ticket> tickets = new LinkedHashSet<>();
    private final Histogram wait;
    private final Histogram service;

    Cell(int priority, String tenant) {
      this.priority = name(priority);
      this.tenant = tenant;
      this.wait = waits.of(this.priority, tenant);
      this.service = services.of(this.priority, tenant);
      waiting.of(this.priority, tenant).set(tickets::size);
      oldest.of(this.priority, tenant).set(this::oldestSeconds);
    }

    private double oldestSeconds() {
      return tickets.isEmpty() ? 0 : (timeline.nanos() - tickets.getFirst().enqueuedNanos()) / 1e9;
    }
  }
}
