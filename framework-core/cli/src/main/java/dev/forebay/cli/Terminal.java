package dev.forebay.cli;

/** Whether a person is looking: colour and progress bars are for terminals only. */
final class Terminal {

  private Terminal() {}

  /**
   * Whether both ends are a terminal. The launcher asks the JDK for its plain console, which is
   * null where they are not; newer JDKs would otherwise always have one.
   */
  @SuppressWarnings("SystemConsoleNull")
  static boolean present() {
    return "java.base".equals(System.getProperty("jdk.console")) && System.console() != null;
  }

  /** Whether to use colour: on a terminal, unless {@code NO_COLOR} is set to anything. */
  static boolean colour() {
    String plain = System.getenv("NO_COLOR");
    return present() && (plain == null || plain.isEmpty());
  }
}
