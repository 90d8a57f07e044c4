package dev.forebay.config;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A path as a chain of steps, so that a deep tree does not hold its long paths many times. */
record Trail(@Nullable Trail parent, String key, int index) {

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_-]+");

  static final Trail ROOT = new Trail(null, "", -1);

  Trail key(String name) {
    return new Trail(this, name, -1);
  }

  Trail item(int at) {
    return new Trail(this, "", at);
  }

  String path() {
    Deque<Trail> steps = new ArrayDeque<>();
    for (Trail t = this; t != null && t.parent != null; t = t.parent) {
      steps.push(t);
    }
    String path = "";
    for (Trail step : steps) {
      path = step.index >= 0 ? path + "[" + step.index + "]" : join(path, step.key);
    }
    return path;
  }

  static String join(String path, String key) {
    if (!PLAIN.matcher(key).matches()) {
      return path + "[\"" + Text.printable(key, 80) + "\"]";
    }
    return path.isEmpty() ? key : path + "." + key;
  }
}
