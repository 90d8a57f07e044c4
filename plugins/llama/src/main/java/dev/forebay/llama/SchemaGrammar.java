package dev.forebay.llama;

import dev.forebay.spi.Failure;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes of a JSON schema a grammar in the engine's form (GBNF), by which the answer can only be
 * what the schema allows. The engine has such a converter, but ends the process where it does not
 * know a schema; this one refuses it. It knows {@code type}, {@code properties}, {@code required},
 * {@code items}, {@code enum}, {@code const}, {@code anyOf}, {@code oneOf} and references to {@code
 * $defs}; properties come in the order of the schema, and there are no others. What only describes
 * is ignored; what would be a constraint that is not kept is refused.
 */
final class SchemaGrammar {

  private static final int MAX_CHOICES = 1024;
  private static final int MAX_CHARACTERS = 256 << 10;
  private static final int MAX_RULES = 1000;
  private static final int MAX_DEPTH = 32;
  private static final Set<String> DESCRIBING =
      Set.of(
          "title",
          "description",
          "default",
          "examples",
          "$schema",
          "$id",
          "$comment",
          "$defs",
          "definitions",
          "additionalProperties",
          "strict",
          "nullable",
          "format",
          "name");
  private static final Set<String> KNOWN =
      Set.of("type", "properties", "required", "items", "enum", "const", "anyOf", "oneOf", "$ref");

  private static final Map<String, String> BASE =
      Map.of(
          "ws",
          "[ \\t\\n]{0,8}",
          "string",
          "\"\\\"\" ([^\"\\\\\\x00-\\x1F] | \"\\\\\" ([\"\\\\/bfnrt] | \"u\" [0-9a-fA-F]{4}))* \"\\\"\"",
          "integer",
          "\"-\"? (\"0\" | [1-9] [0-9]{0,15})",
          "number",
          "\"-\"? (\"0\" | [1-9] [0-9]{0,15}) (\".\" [0-9]{1,16})? ([eE] [-+]? [0-9]{1,3})?",
          "boolean",
          "\"true\" | \"false\"",
          "null",
          "\"null\"",
          "value",
          "object | array | string | number | boolean | null",
          "object",
          "\"{\" ws (string ws \":\" ws value (ws \",\" ws string ws \":\" ws value)*)? ws \"}\"",
          "array",
          "\"[\" ws (value (ws \",\" ws value)*)? ws \"]\"");

  private final JsonObject root;
  private final Map<String, String> rules = new LinkedHashMap<>();
  private final Map<String, String> references = new LinkedHashMap<>();

  private SchemaGrammar(JsonObject root) {
    this.root = root;
  }

  /** The grammar of any JSON object. */
  static String anyObject() {
    return of(new JsonObject().put("type", "object"));
  }

  /**
   * The grammar of a schema.
   *
   * @throws Failure 400 where it has what is not known
   */
  static String of(JsonObject schema) {
    SchemaGrammar grammar = new SchemaGrammar(schema);
    String start = grammar.rule(schema, "response_format.json_schema.schema", 0);
    StringBuilder text = new StringBuilder("root ::= " + start + "\n");
    BASE.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(e -> text.append(e.getKey()).append(" ::= ").append(e.getValue()).append('\n'));
    grammar.rules.forEach((name, body) -> text.append(name + " ::= " + body + "\n"));
    if (text.length() > MAX_CHARACTERS) {
      throw AskReader.wrong(
          "response_format.json_schema.schema: a grammar of "
              + text.length()
              + " characters (expected: at most "
              + MAX_CHARACTERS
              + ")");
    }
    return text.toString();
  }

  /** The engine reads a grammar on the thread that serves all slots, so it must be small. */
  private static void few(JsonArray choices, String path) {
    if (choices.size() > MAX_CHOICES) {
      throw AskReader.wrong(
          path + ": " + choices.size() + " choices (expected: at most " + MAX_CHOICES + ")");
    }
  }

  /** A rule, or an expression in parentheses, for a schema. */
  private String rule(Object schema, String path, int depth) {
    if (depth > MAX_DEPTH || rules.size() > MAX_RULES) {
      throw AskReader.wrong(path + ": too large (expected: at most " + MAX_DEPTH + " levels)");
    }
    if (Boolean.TRUE.equals(schema)) {
      return "value";
    }
    if (!(schema instanceof JsonObject object)) {
      throw AskReader.wrong(path + ": expected a JSON schema");
    }
    for (String key : object.fieldNames()) {
      if (!KNOWN.contains(key) && !DESCRIBING.contains(key)) {
        throw AskReader.wrong(path + "." + shown(key) + ": not supported by a local model");
      }
    }
    if (object.containsKey("$ref")) {
      return reference(object.getValue("$ref"), path, depth);
    }
    if (object.containsKey("const")) {
      return literal(object.getValue("const"));
    }
    if (object.getValue("enum") instanceof JsonArray values && !values.isEmpty()) {
      few(values, path + ".enum");
      return either(values.stream().map(SchemaGrammar::literal).toList());
    }
    for (String choice : List.of("anyOf", "oneOf")) {
      if (object.getValue(choice) instanceof JsonArray options && !options.isEmpty()) {
        few(options, path + "." + choice);
        List<String> all = new ArrayList<>();
        for (int i = 0; i < options.size(); i++) {
          all.add(rule(options.getValue(i), path + "." + choice + "[" + i + "]", depth + 1));
        }
        return either(all);
      }
    }
    return typed(object, path, depth);
  }

  private String typed(JsonObject object, String path, int depth) {
    Object type = object.getValue("type");
    if (type == null) {
      return object.containsKey("properties") ? object(object, path, depth) : "value";
    }
    if (type instanceof JsonArray types && !types.isEmpty()) {
      few(types, path + ".type");
      List<String> all = new ArrayList<>();
      for (Object one : types) {
        all.add(typed(object, one, path, depth));
      }
      return either(all);
    }
    return typed(object, type, path, depth);
  }

  private String typed(JsonObject object, Object type, String path, int depth) {
    return switch (String.valueOf(type)) {
      case "object" -> object(object, path, depth);
      case "array" -> array(object, path, depth);
      case "string", "integer", "number", "boolean", "null" -> String.valueOf(type);
      default ->
          throw AskReader.wrong(
              path + ".type: expected object, array, string, integer, number, boolean or null");
    };
  }

  /** Properties in their order: those that are not required may be left out. */
  private String object(JsonObject object, String path, int depth) {
    if (!(object.getValue("properties") instanceof JsonObject properties) || properties.isEmpty()) {
      return "object";
    }
    JsonArray required =
        object.getValue("required") instanceof JsonArray names ? names : new JsonArray();
    List<String> pairs = new ArrayList<>();
    List<Boolean> needed = new ArrayList<>();
    for (Map.Entry<String, Object> property : properties) {
      String value =
          rule(property.getValue(), path + ".properties." + shown(property.getKey()), depth + 1);
      pairs.add(named(quoted(Json.encode(property.getKey())) + " ws \":\" ws " + value));
      needed.add(required.contains(property.getKey()));
    }
    return named("\"{\" ws " + members(pairs, needed) + " ws \"}\"");
  }

  /** From the last to the first: what may follow once a member is there, and where none is yet. */
  private String members(List<String> pairs, List<Boolean> needed) {
    String after = "";
    String before = "";
    for (int i = pairs.size() - 1; i >= 0; i--) {
      String rest = after.isEmpty() ? "" : " " + after;
      String first = pairs.get(i) + rest;
      String follow = "ws \",\" ws " + pairs.get(i) + rest;
      if (needed.get(i)) {
        before = named(first);
        after = named(follow);
      } else {
        before = named(before.isEmpty() ? "(" + first + ")?" : first + " | " + before);
        after = named(after.isEmpty() ? "(" + follow + ")?" : follow + " | " + after);
      }
    }
    return before;
  }

  private String array(JsonObject object, String path, int depth) {
    Object items = object.getValue("items");
    if (items == null) {
      return "array";
    }
    String item = rule(items, path + ".items", depth + 1);
    return named("\"[\" ws (" + item + " (ws \",\" ws " + item + ")*)? ws \"]\"");
  }

  private String reference(@Nullable Object to, String path, int depth) {
    String name = String.valueOf(to);
    String known = references.get(name);
    if (known != null) {
      return known;
    }
    Object target = root;
    if (!name.startsWith("#")) {
      throw AskReader.wrong(path + ".$ref: expected one within the schema");
    }
    for (String step : name.substring(1).split("/", -1)) {
      if (!step.isEmpty()) {
        target = target instanceof JsonObject object ? object.getValue(step) : null;
      }
    }
    if (target == null) {
      throw AskReader.wrong(path + ".$ref: leads nowhere (expected: a part of the schema)");
    }
    String rule = "ref-" + references.size();
    references.put(name, rule);
    String body = rule(target, path + ".$ref", depth + 1);
    if (body.equals(rule)) {
      throw AskReader.wrong(path + ".$ref: refers to itself");
    }
    rules.put(rule, body);
    return rule;
  }

  private String either(List<String> all) {
    return named(String.join(" | ", all));
  }

  private String named(String body) {
    String name = "r" + rules.size();
    rules.put(name, body);
    return name;
  }

  private static String literal(@Nullable Object value) {
    return quoted(Json.encode(value));
  }

  /** A text as a literal of the grammar. */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append(String.format("\\x%02X", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  private static String shown(String key) {
    String plain = key.replaceAll("\\p{Cntrl}", "?");
    return plain.length() <= 64 ? plain : plain.substring(0, 64) + "…";
  }
}
