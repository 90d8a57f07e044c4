package dev.forebay.simulation.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;

/** The last events of an emulator, oldest out first; read from any thread. */
final class EventLog {

  private final int capacity;
  private final ArrayDeque<EmulatorEvent> events = new ArrayDeque<>();

  EventLog(int capacity) {
    this.capacity = capacity;
  }

  synchronized void add(EmulatorEvent event) {
    if (events.size() == capacity) {
      events.remove();
    }
    events.add(event);
  }

  synchronized List<EmulatorEvent> events() {
    return List.copyOf(events);
  }

  JsonArray json() {
    JsonArray all = new JsonArray();
    for (EmulatorEvent event : events()) {
      all.add(
          new JsonObject()
              .put("request", event.request())
              .put("callerId", event.callerId())
              .put("kind", event.kind().name().toLowerCase(Locale.ROOT))
              .put("detail", event.detail())
              .put("atMillis", event.atNanos() / 1e6)
              .put("tokens", event.tokens()));
    }
    return all;
  }
}
