package dev.forebay.livepage;

import dev.forebay.livepage.Monitor.Sample;
import dev.forebay.spi.metrics.Series;
import dev.forebay.spi.state.AccountFigures;
import dev.forebay.spi.state.AdmissionState;
import dev.forebay.spi.state.DiscoveryState;
import dev.forebay.spi.state.EndpointFigures;
import dev.forebay.spi.state.PartState;
import dev.forebay.spi.state.PoolState;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The gateway as the page shows it now, as JSON of bounded size. */
final class StateText {

  private static final int MOST_ACCOUNTS = 50;
  private static final int MOST_REASONS = 8;
  private static final int LONGEST_TEXT = 300;

  /** What is worst comes first. */
  private static final List<EndpointFigures.State> ORDER =
      List.of(
          EndpointFigures.State.DOWN,
          EndpointFigures.State.ACCOUNT_OUT,
          EndpointFigures.State.COOLING,
          EndpointFigures.State.HALF_OPEN,
          EndpointFigures.State.DRAINING,
          EndpointFigures.State.UP);

  private final LivePage options;
  private final Sample sample;
  private int room;

  private StateText(LivePage options, Sample sample) {
    this.options = options;
    this.sample = sample;
    this.room = options.mostEndpoints();
  }

  static JsonObject of(LivePage options, Sample sample, Changes changes, long startedMillis) {
    return new StateText(options, sample).json(changes, startedMillis);
  }

  private JsonObject json(Changes changes, long startedMillis) {
    return new JsonObject()
        .put("title", options.title())
        .put("started", startedMillis)
        .put("ready", sample.state().ready())
        .put("verdict", changes.verdict().json(changes.verdictSince()))
        .put("minute", endings())
        .put("reasons", reasons())
        .put("pools", pools())
        .put("sources", sources())
        .put("stages", stages())
        .put("memory", memory())
        .put("sections", SectionFigures.of(sample.state().metrics().gauges()))
        .put("changes", changes(changes));
  }

  /** How requests of the last minute ended. */
  private JsonObject endings() {
    JsonObject counts = new JsonObject();
    for (Ending ending : Ending.values()) {
      counts.put(ending.key(), sample.now().since(sample.minute(), ending));
    }
    return counts;
  }

  /** The most frequent reasons of failures in the last minute. */
  private JsonArray reasons() {
    Map<String, Long> counts = new TreeMap<>();
    sample
        .now()
        .reasons()
        .forEach(
            (reason, count) -> {
              long more = count - sample.minute().reasons().getOrDefault(reason, 0L);
              if (more > 0) {
                counts.put(reason, more);
              }
            });
    JsonArray list = new JsonArray();
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .limit(MOST_REASONS)
        .forEach(
            each ->
                list.add(
                    new JsonObject()
                        .put("reason", shortened(each.getKey()))
                        .put("count", each.getValue())));
    return list;
  }

  private JsonArray pools() {
    JsonArray list = new JsonArray();
    sample.state().pools().forEach((name, pool) -> list.add(pool(name, pool)));
    return list;
  }

  private JsonObject pool(String name, PoolState pool) {
    JsonObject byState = new JsonObject();
    for (EndpointFigures each : pool.endpoints()) {
      byState.put(each.state().toString(), byState.getInteger(each.state().toString(), 0) + 1);
    }
    List<EndpointFigures> worstFirst = new ArrayList<>(pool.endpoints());
    worstFirst.sort(Comparator.comparingInt(each -> ORDER.indexOf(each.state())));
    JsonArray shown = new JsonArray();
    for (EndpointFigures each : worstFirst) {
      if (room > 0) {
        room--;
        shown.add(endpoint(name, each));
      }
    }
    JsonArray accounts = new JsonArray();
    pool.accounts().stream().limit(MOST_ACCOUNTS).forEach(each -> accounts.add(account(each)));
    return new JsonObject()
        .put("name", name)
        .put("panic", pool.panic())
        .put("inFlight", pool.inFlight())
        .put("total", pool.endpoints().size())
        .put("states", byState)
        .put("endpoints", shown)
        .put("accounts", accounts);
  }

  private JsonObject endpoint(String pool, EndpointFigures endpoint) {
    String key = Totals.key(pool, endpoint.id());
    long given =
        endpoint.dispatched()
            - sample.recent().dispatched().getOrDefault(key, endpoint.dispatched());
    JsonObject json =
        new JsonObject()
            .put("id", endpoint.id())
            .put("state", endpoint.state().toString())
            .put("since", endpoint.since())
            .put("inFlight", endpoint.inFlight())
            .put("perSecond", given / sample.now().seconds(sample.recent()))
            .put("errorRate", endpoint.errorRate())
            .put("firstContentMillis", endpoint.firstContentMillis())
            .put("weight", endpoint.weight())
            .put("group", endpoint.group())
            .put("account", endpoint.account());
    String why = Verdict.why(endpoint);
    if (why != null) {
      json.put("why", shortened(why));
    }
    if (endpoint.cooldownMillis() != null) {
      json.put("cooldownMillis", endpoint.cooldownMillis());
    }
    if (endpoint.slowStartShare() != null) {
      json.put("slowStartShare", endpoint.slowStartShare());
    }
    return json;
  }

  private static JsonObject account(AccountFigures account) {
    JsonObject json = new JsonObject().put("account", account.account());
    if (account.state() != null) {
      json.put("state", account.state().toString());
    }
    if (account.why() != null) {
      json.put("why", shortened(account.why()));
    }
    if (account.forMillis() != null) {
      json.put("forMillis", account.forMillis());
    }
    if (account.limit() != null) {
      json.put("limit", account.limit()).put("inFlight", account.inFlight());
    }
    return json;
  }

  private JsonArray sources() {
    JsonArray list = new JsonArray();
    for (Map.Entry<String, PartState> part : sample.state().parts().entrySet()) {
      if (part.getValue() instanceof DiscoveryState source) {
        String why = source.why() == null ? source.leftOut() : source.why();
        JsonObject json =
            new JsonObject()
                .put("name", part.getKey())
                .put("state", source.state().toString())
                .put("forMillis", source.forMillis())
                .put("members", source.members().size());
        list.add(why == null ? json : json.put("why", shortened(why)));
      }
    }
    return list;
  }

  private JsonArray stages() {
    JsonArray list = new JsonArray();
    sample.now().stages().forEach((name, stage) -> list.add(stage(name, stage)));
    return list;
  }

  private JsonObject stage(String name, StageCounts stage) {
    StageCounts before = sample.minute().stages().get(name);
    JsonObject minute = new JsonObject();
    stage.counts().keySet().forEach(counter -> minute.put(counter, stage.since(before, counter)));
    JsonObject json =
        new JsonObject().put("name", name).put("kind", stage.kind().key()).put("minute", minute);
    if (sample.state().parts().get(name) instanceof AdmissionState admission) {
      json.put("limit", admission.limit())
          .put("inFlight", admission.inFlight())
          .put("queued", admission.queued());
    }
    if (stage.kind() == StageCounts.Kind.CACHE) {
      json.put("entries", stored(name, "entries")).put("bytes", stored(name, "bytes"));
    }
    return json;
  }

  /** A gauge of the stores of a cache, in all. */
  private long stored(String cache, String gauge) {
    double sum = 0;
    for (Map.Entry<Series, Double> each : sample.state().metrics().gauges().entrySet()) {
      if (each.getKey().name().equals(gauge)
          && each.getKey().part().startsWith(cache + "/")
          && Double.isFinite(each.getValue())) {
        sum += each.getValue();
      }
    }
    return Math.round(sum);
  }

  private JsonObject memory() {
    Map<Series, Double> gauges = sample.state().metrics().gauges();
    return new JsonObject()
        .put("heldBytes", Math.round(gauges.getOrDefault(new Series("memory", "held_bytes"), 0.0)))
        .put(
            "boundBytes",
            Math.round(gauges.getOrDefault(new Series("memory", "bound_bytes"), 0.0)));
  }

  private static JsonArray changes(Changes changes) {
    JsonArray list = new JsonArray();
    for (Changes.Change each : changes.latest()) {
      JsonObject json =
          new JsonObject()
              .put("at", each.at())
              .put("what", shortened(each.what()))
              .put("to", shortened(each.to()))
              .put("level", each.level().key());
      list.add(each.why() == null ? json : json.put("why", shortened(each.why())));
    }
    return list;
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "…";
  }
}
