package dev.forebay.replay.page;

import java.util.List;

/** Pieces of HTML. */
final class Html {

  /** A cell of a table: the best of its column is marked, also for those that do not see it. */
  record Cell(String text, boolean best) {

    static Cell of(String text) {
      return new Cell(text, false);
    }
  }

  private Html() {}

  /** Text as HTML shows it, also within quotes. */
  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  /** An element with text. */
  static String element(String name, String text) {
    return "<" + name + ">" + escaped(text) + "</" + name + ">\n";
  }

  /** A list with a sentence for each item; nothing for none. */
  static String list(List<String> items) {
    StringBuilder html = new StringBuilder();
    items.forEach(item -> html.append(element("li", item)));
    return html.isEmpty() ? "" : "<ul>\n" + html + "</ul>\n";
  }

  /** A line of code. */
  static String code(String line) {
    return "<pre><code>" + escaped(line) + "</code></pre>\n";
  }

  /** What can be opened. */
  static String details(String summary, String html) {
    return "<details><summary>" + escaped(summary) + "</summary>\n" + html + "</details>\n";
  }

  /**
   * A table that scrolls by itself if it is wider than the page.
   *
   * @param caption what it is
   * @param header of all columns
   * @param lines each as long as the header; the first cell is its name
   */
  static String table(String caption, List<String> header, List<List<Cell>> lines) {
    StringBuilder html = new StringBuilder();
    html.append("<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"")
        .append(escaped(caption))
        .append("\"><table>\n<caption>")
        .append(escaped(caption))
        .append("</caption>\n<thead><tr>");
    header.forEach(name -> html.append("<th scope=\"col\">").append(escaped(name)).append("</th>"));
    html.append("</tr></thead>\n<tbody>\n");
    for (List<Cell> line : lines) {
      html.append("<tr><th scope=\"row\">").append(escaped(line.get(0).text())).append("</th>");
      line.subList(1, line.size()).forEach(cell -> html.append(cell(cell)));
      html.append("</tr>\n");
    }
    return html.append("</tbody></table></div>\n").toString();
  }

  private static String cell(Cell cell) {
    return cell.best()
        ? "<td class=\"best\">" + escaped(cell.text()) + "<span class=\"hidden\"> best</span></td>"
        : "<td>" + escaped(cell.text()) + "</td>";
  }
}
