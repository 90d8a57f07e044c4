package dev.forebay.replay.page;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Collection;
import java.util.List;

/** Parts of options of Apache ECharts that charts have in common. */
final class Options {

  /** Colours that people with any kind of colour vision tell apart (Okabe and Ito, extended). */
  private static final List<String> COLOURS =
      List.of(
          "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1", "#b15928",
          "#66a61e", "#e7298a");

  /** The colour of the baseline. */
  static final String GREY = "#888888";

  private static final MathContext DIGITS = new MathContext(5);

  private Options() {}

  /** The colour of a thing by its place. */
  static String colour(int place) {
    return COLOURS.get(place % COLOURS.size());
  }

  /** A number with five digits, which are enough for a chart and for what its tooltip says. */
  static Number rounded(double value) {
    return Double.isFinite(value) ? new BigDecimal(value).round(DIGITS).doubleValue() : 0;
  }

  /** A figure of which nothing is known, in four digits. */
  static String short4(double value) {
    return new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros().toPlainString();
  }

  /** An option without axes and series. */
  static JsonObject base() {
    return new JsonObject()
        .put("animation", false)
        .put("backgroundColor", "transparent")
        .put("aria", new JsonObject().put("enabled", true));
  }

  /** Room for axes, with a legend below if there is one. */
  static JsonObject grid(boolean legend) {
    return new JsonObject()
        .put("left", 8)
        .put("right", 24)
        .put("top", 28)
        .put("bottom", legend ? 62 : 32)
        .put("containLabel", true);
  }

  /** A tooltip of one thing, or of all that have the same place on the x axis. */
  static JsonObject tooltip(String trigger) {
    return new JsonObject().put("trigger", trigger).put("confine", true);
  }

  /**
   * Names of series, of which some are shown at first. It is not seen: one legend of the page, in
   * HTML, says what is shown in all charts.
   */
  static JsonObject hiddenLegend(Collection<String> names, Collection<String> shown) {
    JsonObject selected = new JsonObject();
    names.forEach(name -> selected.put(name, shown.contains(name)));
    return new JsonObject()
        .put("show", false)
        .put("data", new JsonArray(List.copyOf(names)))
        .put("selected", selected);
  }

  /** Names of series, below the chart. */
  static JsonObject legend(Collection<String> names) {
    return new JsonObject()
        .put("type", "scroll")
        .put("bottom", 0)
        .put("data", new JsonArray(List.copyOf(names)));
  }

  /** An axis of numbers. */
  static JsonObject values(String name) {
    return new JsonObject()
        .put("type", "value")
        .put("name", name)
        .put("nameLocation", "middle")
        .put("nameGap", 28)
        .put("scale", true);
  }

  /** The same, named above its end: for a vertical axis. */
  static JsonObject upright(String name) {
    return values(name)
        .put("nameLocation", "end")
        .put("nameGap", 10)
        .put("nameTextStyle", new JsonObject().put("align", "left"));
  }

  /** A vertical axis with a line for each name, the first above. */
  static JsonObject names(List<String> names) {
    return new JsonObject()
        .put("type", "category")
        .put("data", new JsonArray(names))
        .put("inverse", true)
        .put(
            "axisLabel",
            new JsonObject().put("width", 150).put("overflow", "truncate").put("interval", 0))
        .put("axisTick", new JsonObject().put("show", false));
  }

  /**
   * Intervals beside dots: each a line from low to high. The page's script draws custom series.
   *
   * @param data each {@code [low, high, place]}, or {@code [low, high, place, pixels below it]}
   */
  static JsonObject whiskers(String name, JsonArray data, String colour) {
    return new JsonObject()
        .put("type", "custom")
        .put("name", name)
        .put("silent", true)
        .put("itemStyle", new JsonObject().put("color", colour))
        .put("encode", new JsonObject().put("x", new JsonArray().add(0).add(1)).put("y", 2))
        .put("data", data)
        .put("z", 1);
  }

  /** Dots, each {@code [x, y]}. */
  static JsonObject dots(String name, JsonArray data, String colour) {
    return new JsonObject()
        .put("type", "scatter")
        .put("name", name)
        .put("symbolSize", 10)
        .put("itemStyle", new JsonObject().put("color", colour))
        .put("data", data)
        .put("z", 2);
  }

  /** A line through points, each {@code [x, y]}. */
  static JsonObject line(String name, JsonArray data, String colour) {
    return new JsonObject()
        .put("type", "line")
        .put("name", name)
        .put("showSymbol", false)
        .put("lineStyle", new JsonObject().put("width", 2))
        .put("itemStyle", new JsonObject().put("color", colour))
        .put("data", data);
  }

  /** A point. */
  static JsonArray point(double x, double y) {
    return new JsonArray().add(rounded(x)).add(rounded(y));
  }
}
