package dev.forebay.edge.http;

import dev.forebay.edge.BadRequest;
import dev.forebay.edge.identity.Keys;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The models that callers may use, in OpenAI's form: a list of them, and one by its name. */
final class ModelList {

  private final Supplier<Future<List<String>>> models;
  private final Supplier<Keys> keys;

  /**
   * A list.
   *
   * @param models of the gateway, asked each time
   * @param keys that decide what a caller may use, asked each time
   */
  ModelList(Supplier<Future<List<String>>> models, Supplier<Keys> keys) {
    this.models = models;
    this.keys = keys;
  }

  void list(Incoming incoming) {
    withModels(incoming, allowed -> incoming.answer(200, list(allowed)));
  }

  void show(Incoming incoming) {
    withModels(
        incoming,
        allowed -> {
          String id = RequestPath.model(RequestPath.plain(incoming.request().path()));
          if (id != null && allowed.contains(id)) {
            incoming.answer(200, model(id));
          } else {
            throw new BadRequest(
                404,
                "model_not_found",
                "model",
                "model: " + Json.shown(String.valueOf(id)) + " (expected: one of /v1/models)");
          }
        });
  }

  /** Gives what the caller may use to an action, on the request's timeline. */
  private void withModels(Incoming incoming, Consumer<List<String>> action) {
    try {
      Keys.Key key = keys.get().authenticate(incoming.request());
      Context context = incoming.vertx().getOrCreateContext();
      models
          .get()
          .onComplete(all -> context.runOnContext(nothing -> allowed(incoming, key, all, action)));
    } catch (BadRequest bad) {
      Errors.write(incoming.response(), bad);
    }
  }

  private static void allowed(
      Incoming incoming,
      Keys.@Nullable Key key,
      AsyncResult<List<String>> all,
      Consumer<List<String>> action) {
    if (incoming.response().closed()) {
      return;
    }
    try {
      if (all.failed()) {
        throw new BadRequest(503, "no_models", null, "no list of models");
      }
      action.accept(
          all.result().stream().filter(model -> key == null || key.mayUse(model)).toList());
    } catch (BadRequest bad) {
      Errors.write(incoming.response(), bad);
    }
  }

  private static JsonObject list(List<String> models) {
    JsonArray data = new JsonArray();
    models.forEach(id -> data.add(model(id)));
    return new JsonObject().put("object", "list").put("data", data);
  }

  private static JsonObject model(String id) {
    return new JsonObject()
        .put("id", id)
        .put("object", "model")
        .put("created", 0)
        .put("owned_by", "forebay");
  }
}
