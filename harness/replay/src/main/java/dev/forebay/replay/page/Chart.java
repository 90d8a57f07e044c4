package dev.forebay.replay.page;

import io.vertx.core.json.JsonObject;

/**
 * A chart, and the same in words and figures.
 *
 * @param id of its element
 * @param title a heading
 * @param about what it shows, in a sentence or two
 * @param option of Apache ECharts; JSON has no functions, so the page's script gives custom series
 *     theirs
 * @param pixels how high it is
 * @param table its figures as HTML
 */
record Chart(String id, String title, String about, JsonObject option, int pixels, String table) {

  /** Its element, with what stands behind it. */
  String html() {
    return """
    <figure>
    <h3>%s</h3>
    <p>%s</p>
    <div class="chart" id="%s" role="img" aria-label="%s" style="height:%dpx"></div>
    %s</figure>
    """
        .formatted(
            Html.escaped(title),
            Html.escaped(about),
            id,
            Html.escaped(title + ": " + about),
            pixels,
            Html.details("The figures of this chart", table));
  }
}
