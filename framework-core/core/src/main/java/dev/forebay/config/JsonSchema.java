package dev.forebay.config;

import dev.forebay.spi.options.Bounds;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Names;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Options.Option;
import dev.forebay.spi.options.Scalars;
import dev.forebay.spi.options.Shape;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A JSON Schema (draft 2020-12) of what {@link OptionsReader} reads, so that editors complete and
 * check documents. Two things it cannot say: what only several options together show, and what a
 * variable, such as <code>${PORT}</code>, will be.
 */
public final class JsonSchema {

  private static final String VARIABLE = "variable";

  private final Registry registry;
  private final JsonObject definitions = new JsonObject();

  private JsonSchema(Registry registry) {
    this.registry = registry;
    define(VARIABLE, text("\\{[^}]+\\}"));
  }

  /**
   * The schema of documents that are a record.
   *
   * @param registry the plugins that may stand in them
   */
  public static JsonObject of(Class<? extends Record> type, Registry registry) {
    JsonSchema schema = new JsonSchema(registry);
    JsonObject object = schema.object(Options.of(type), null);
    return new JsonObject()
        .put("$schema", "https://json-schema.org/draft/2020-12/schema")
        .mergeIn(object)
        .put("$defs", schema.definitions);
  }

  /** A mapping to the options of a record. */
  private JsonObject object(Options options, @Nullable JsonObject more) {
    JsonObject properties = new JsonObject();
    JsonArray required = new JsonArray();
    fill(options, properties, required);
    if (more != null) {
      properties.mergeIn(more.getJsonObject("properties"));
      required.addAll(more.getJsonArray("required", new JsonArray()));
    }
    JsonObject object = new JsonObject().put("type", "object").put("properties", properties);
    if (!required.isEmpty()) {
      object.put("required", required);
    }
    return object.put("additionalProperties", false);
  }

  private void fill(Options options, JsonObject properties, JsonArray required) {
    for (Option option : options.all()) {
      Class<?> kind = kindOf(option);
      if (!option.inline()) {
        properties.put(option.name(), described(option));
        if (option.required()) {
          required.add(option.name());
        }
      } else if (option.shape() instanceof Shape.Nested nested) {
        fill(Options.of(nested.record()), properties, required);
      } else if (kind != null) {
        registry
            .plugins(kind)
            .forEach((name, plugin) -> properties.put(name, named(Options.of(plugin))));
      }
    }
  }

  private JsonObject described(Option option) {
    JsonObject schema = schema(option.shape());
    if (option.nullable()) {
      schema = anyOf(schema, type("null"));
    }
    if (!option.doc().isEmpty()) {
      schema.put("description", option.doc());
    }
    String fallback = option.fallback();
    if (fallback != null && !option.secret() && isScalar(option.shape())) {
      schema.put("default", value(fallback));
    }
    return schema;
  }

  private JsonObject schema(Shape shape) {
    return switch (shape) {
      case Shape.Words s ->
          new JsonObject().put("type", JsonArray.of("string", "number", "boolean"));
      case Shape.File s -> type("string");
      case Shape.Flag s -> orVariable(type("boolean"));
      case Shape.Whole s -> orVariable(bounded(type("integer"), s.bounds()));
      case Shape.Real s -> orVariable(bounded(type("number"), s.bounds()));
      case Shape.Size s ->
          orVariable(bounded(type("integer"), s.bounds()), text("^\\d+(\\.\\d+)?([KMGT]i)?B$"));
      case Shape.Time s -> orVariable(text("^(\\d+(\\.\\d+)?(ns|us|ms|s|m|h|d)|P.+)$"));
      case Shape.Choice s -> orVariable(new JsonObject().put("enum", new JsonArray(s.names())));
      case Shape.ListOf s -> {
        JsonObject list = type("array").put("items", schema(s.element()));
        yield s.atLeastOne() == null ? list : list.put("minItems", 1);
      }
      case Shape.MapOf s -> type("object").put("additionalProperties", schema(s.element()));
      case Shape.Nested s -> reference(s.record());
      case Shape.Sequence s -> sequence(Options.of(s.record()));
      case Shape.PluginOf s -> reference(s.kind());
      case Shape.TemplateOf s -> reference(s.kind());
    };
  }

  /** The definition of a record or of a kind of plugins, which is made once. */
  private JsonObject reference(Class<?> type) {
    String name = type.isRecord() ? type.getName() : Names.nameOf(type);
    if (!definitions.containsKey(name)) {
      define(name, new JsonObject()); // a record may hold itself
      define(
          name,
          type.isRecord() ? record(Options.of(type.asSubclass(Record.class))) : plugin(type, null));
    }
    return new JsonObject().put("$ref", "#/$defs/" + name);
  }

  private void define(String name, JsonObject schema) {
    definitions.put(name, schema);
  }

  private JsonObject record(Options options) {
    for (Option option : options.all()) {
      if (option.inline() && option.shape() instanceof Shape.PluginOf plugin) {
        return plugin(plugin.kind(), options);
      }
    }
    Option alone = options.alone();
    return alone != null && alone.shape() instanceof Shape.PluginOf plugin
        ? anyOf(names(plugin.kind()), object(options, null))
        : orNothing(options, object(options, null));
  }

  /** The names of the plugins of a kind that need no options. */
  private JsonObject names(Class<?> kind) {
    JsonArray names = new JsonArray();
    registry
        .plugins(kind)
        .forEach(
            (name, plugin) -> {
              if (isComplete(Options.of(plugin))) {
                names.add(name);
              }
            });
    return new JsonObject().put("enum", names);
  }

  /** A plugin by its name, or as a mapping; with the options that stand beside its own. */
  private JsonObject plugin(Class<?> kind, @Nullable Options beside) {
    JsonArray all = new JsonArray().add(names(kind));
    registry
        .plugins(kind)
        .forEach(
            (name, plugin) -> {
              JsonObject more =
                  new JsonObject()
                      .put(
                          "properties",
                          new JsonObject().put("plugin", new JsonObject().put("const", name)))
                      .put("required", JsonArray.of("plugin"));
              JsonObject own = beside == null ? more : object(beside, more);
              all.add(object(Options.of(plugin), own));
            });
    return new JsonObject().put("anyOf", all);
  }

  /** Items that are a name, or a mapping of one name to its options. */
  private JsonObject sequence(Options options) {
    JsonObject properties = new JsonObject();
    fill(options, properties, new JsonArray());
    JsonArray names = new JsonArray();
    for (Option option : options.all()) {
      Class<?> kind = kindOf(option);
      if (kind != null) {
        names.addAll(names(kind).getJsonArray("enum"));
      }
    }
    JsonObject single =
        type("object")
            .put("properties", properties)
            .put("additionalProperties", false)
            .put("minProperties", 1)
            .put("maxProperties", 1);
    return type("array").put("items", anyOf(new JsonObject().put("enum", names), single));
  }

  /** The options of a plugin whose name is their key. */
  private JsonObject named(Options options) {
    JsonObject schema = orNothing(options, object(options, null));
    Doc doc = options.type().getAnnotation(Doc.class);
    return doc == null ? schema : schema.put("description", doc.value());
  }

  /** The kind of an inline list of plugins; null if the option is none. */
  private static @Nullable Class<?> kindOf(Option option) {
    return option.inline()
            && option.shape() instanceof Shape.ListOf list
            && list.element() instanceof Shape.PluginOf plugin
        ? plugin.kind()
        : null;
  }

  private static boolean isComplete(Options options) {
    return options.all().stream().noneMatch(Option::required);
  }

  private static JsonObject orNothing(Options options, JsonObject object) {
    return isComplete(options) ? object.put("type", JsonArray.of("object", "null")) : object;
  }

  private static JsonObject orVariable(JsonObject... alternatives) {
    JsonObject schema = anyOf(alternatives);
    schema.getJsonArray("anyOf").add(new JsonObject().put("$ref", "#/$defs/" + VARIABLE));
    return schema;
  }

  private static JsonObject anyOf(JsonObject... alternatives) {
    return new JsonObject().put("anyOf", new JsonArray(new ArrayList<>(List.of(alternatives))));
  }

  private static JsonObject type(String name) {
    return new JsonObject().put("type", name);
  }

  private static JsonObject text(String pattern) {
    return type("string").put("pattern", pattern);
  }

  private static JsonObject bounded(JsonObject number, Bounds bounds) {
    put(number, bounds.exclusiveMin() ? "exclusiveMinimum" : "minimum", bounds.min());
    put(number, "maximum", bounds.max());
    return number;
  }

  private static void put(JsonObject number, String key, double limit) {
    if (!Double.isInfinite(limit)) {
      number.put(key, value(Names.number(limit)));
    }
  }

  private static boolean isScalar(Shape shape) {
    return !(shape instanceof Shape.ListOf
        || shape instanceof Shape.MapOf
        || shape instanceof Shape.Nested
        || shape instanceof Shape.Sequence);
  }

  private static Object value(String text) {
    if (text.equals("true") || text.equals("false")) {
      return Boolean.valueOf(text);
    }
    if (Scalars.isNumber(text)) {
      double number = Double.parseDouble(text);
      return number == Math.rint(number) ? (Object) (long) number : number;
    }
    return text;
  }
}
