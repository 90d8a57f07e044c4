package dev.forebay.cli;

import dev.forebay.spi.options.Names;
import java.net.URI;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** What an option or a parameter must be, by its type, if its value is none of that type. */
final class WrongValue {

  private static final Map<Class<?>, String> EXPECTED =
      Map.of(
          int.class, "a whole number, at most " + Integer.MAX_VALUE,
          Integer.class, "a whole number, at most " + Integer.MAX_VALUE,
          long.class, "a whole number, at most " + Long.MAX_VALUE,
          double.class, "a number",
          Double.class, "a number",
          boolean.class, "true or false",
          LocalDate.class, "a day of the calendar, as YYYY-MM-DD",
          URI.class, "a URL such as http://127.0.0.1:8081");

  private WrongValue() {}

  /** The URL of a server, as an option has it. */
  static URI url(String text) {
    URI url = URI.create(text);
    boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
    if (!http || url.getHost() == null) {
      throw new TypeConversionException("no URL of a server");
    }
    return url;
  }

  /** What is wrong, in the form of every mistake; null if no value was of a wrong type. */
  static @Nullable String line(ParameterException e) {
    ArgSpec argument = e.getArgSpec();
    String value = e.getValue();
    if (argument == null || value == null) {
      return null;
    }
    String name =
        argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    return name + ": " + value + " (expected: " + expected(argument, value) + ")";
  }

  private static String expected(ArgSpec argument, String value) {
    Class<?> type = argument.isMultiValue() ? argument.auxiliaryTypes()[0] : argument.type();
    return type.isEnum()
        ? Names.oneOf(Arrays.stream(type.getEnumConstants()).map(String::valueOf).toList(), value)
        : EXPECTED.getOrDefault(type, argument.paramLabel());
  }
}
