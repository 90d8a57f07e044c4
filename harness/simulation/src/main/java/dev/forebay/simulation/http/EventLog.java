package dev.forebay.simulation.http;

import dev.forebay.spi.Registration;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The last events of an emulator, oldest out first; read from any thread. */
final class EventLog {

  private final int capacity;
  private final ArrayDeque<EmulatorEvent> events = new ArrayDeque<>();
  private final List<Consumer<EmulatorEvent>> listeners = new CopyOnWriteArrayList<>();

  EventLog(int capacity) {
    this.capacity = capacity;
  }

  void add(EmulatorEvent event) {
    synchronized (this) {
      if (events.size() == capacity) {
        events.remove();
      }
      events.add(event);
    }
    listeners.forEach(listener -> listener.accept(event));
  }

  Registration onEvent(Consumer<EmulatorEvent> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
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
