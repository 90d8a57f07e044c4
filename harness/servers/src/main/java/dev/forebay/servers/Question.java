package dev.forebay.servers;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A question of which the right answer is known.
 *
 * @param marker unique, of letters, digits and {@code -}
 * @param stream whether the answer is to be streamed
 * @param choices how many answers are asked for: 1 or 2
 */
public record Question(String marker, boolean stream, int choices) {

  /** What the marker of an answer begins with that answers nobody's question. */
  public static final String FOREIGN = "foreign-";

  private static final Pattern MARKER = Pattern.compile("<<([A-Za-z0-9-]+)>>");
  private static final Pattern STREAM = Pattern.compile("\"stream\":\\s*true");
  private static final Pattern CHOICES = Pattern.compile("\"n\":\\s*2");

  /** The question as the prompt of a request. */
  public String prompt() {
    return "<<" + marker + ">>";
  }

  /** The right answer. */
  public String answer(int choice) {
    return "[[" + marker + "]] says choice " + choice + " at length: " + "so ".repeat(length());
  }

  private int length() {
    return Math.floorMod(marker.hashCode(), 40);
  }

  /** The question that the body of a request asks. */
  static Question in(String body) {
    Matcher marker = MARKER.matcher(body);
    if (!marker.find()) {
      throw new IllegalArgumentException("a request without a marker");
    }
    return new Question(
        marker.group(1), STREAM.matcher(body).find(), CHOICES.matcher(body).find() ? 2 : 1);
  }
}
