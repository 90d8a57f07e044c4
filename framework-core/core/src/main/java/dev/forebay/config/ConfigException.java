package dev.forebay.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration is wrong. The message has a line for each {@link Mistake}. */
public final class ConfigException extends IllegalArgumentException {

  private static final long serialVersionUID = 1;

  private final transient List<Mistake> mistakes;

  ConfigException(List<Mistake> mistakes, int dropped) {
    super(message(mistakes, dropped));
    this.mistakes = mistakes;
  }

  /** With one mistake. */
  public ConfigException(Mistake mistake) {
    this(List.of(mistake), 0);
  }

  /** What is wrong. */
  public List<Mistake> mistakes() {
    return mistakes;
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }

  private static String message(List<Mistake> mistakes, int dropped) {
    String lines = mistakes.stream().map(Mistake::toString).collect(Collectors.joining("\n"));
    return dropped == 0 ? lines : lines + "\nand " + dropped + " more";
  }
}
