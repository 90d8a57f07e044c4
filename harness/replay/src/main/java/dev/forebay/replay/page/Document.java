package dev.forebay.replay.page;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A page with everything in it: style, the charts' library, their options, and the script that
 * draws them. Its policy forbids every request, and every script but these two.
 */
final class Document {

  private final String title;
  private final StringBuilder body = new StringBuilder();
  private final List<Chart> charts = new ArrayList<>();

  Document(String title) {
    this.title = title;
  }

  Document add(String html) {
    body.append(html);
    return this;
  }

  /** A heading with what belongs to it; nothing without the latter. */
  Document section(String heading, String html) {
    return html.isEmpty()
        ? this
        : add("<section>\n" + Html.element("h2", heading) + html + "</section>\n");
  }

  /** Charts beside each other, below a heading; nothing for none. */
  Document charts(String heading, List<Chart> some) {
    charts.addAll(some);
    StringBuilder html = new StringBuilder();
    some.forEach(chart -> html.append(chart.html()));
    return html.isEmpty() ? this : section(heading, "<div class=\"charts\">\n" + html + "</div>\n");
  }

  /** The whole page. */
  String html() {
    String library = resource("echarts.min.js");
    String script = resource("report.js");
    JsonObject options = new JsonObject();
    charts.forEach(chart -> options.put(chart.id(), chart.option()));
    return """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
    script-src %s %s; base-uri 'none'; form-action 'none'">
    <title>%s</title>
    <style>
    %s</style>
    </head>
    <body>
    %s<script type="application/json" id="options">%s</script>
    <script>%s</script>
    <script>%s</script>
    </body>
    </html>
    """
        .formatted(
            hash(library),
            hash(script),
            Html.escaped(title),
            resource("report.css"),
            body,
            options.encode().replace("<", "\\u003c"),
            library,
            script);
  }

  private static String hash(String script) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(hash) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The text of a file beside this class. */
  static String resource(String name) {
    try (InputStream in = Document.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
