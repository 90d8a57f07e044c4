package dev.forebay.servers;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** One command to a Redis over a connection of its own (RESP 2), for setting servers up. */
final class Resp {

  private static final int CONNECT_MILLIS = 1_000;
  private static final int READ_MILLIS = 10_000;

  private Resp() {}

  /**
   * Sends a command.
   *
   * @return the reply; of several parts, one in a line
   * @throws IOException where there is no reply in 10 s, or it is an error
   */
  static String send(int port, List<String> command) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
      socket.setSoTimeout(READ_MILLIS);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      line(out, "*" + command.size());
      for (String part : command) {
        line(out, "$" + part.getBytes(StandardCharsets.UTF_8).length);
        line(out, part);
      }
      socket.getOutputStream().write(out.toByteArray());
      return read(new BufferedInputStream(socket.getInputStream()));
    }
  }

  private static void line(ByteArrayOutputStream out, String text) {
    out.writeBytes((text + "\r\n").getBytes(StandardCharsets.UTF_8));
  }

  private static String read(InputStream in) throws IOException {
    String head = line(in);
    String rest = head.substring(1);
    return switch (head.charAt(0)) {
      case '-' -> throw new IOException(rest);
      case '$' -> text(in, Integer.parseInt(rest));
      case '*' -> parts(in, Integer.parseInt(rest));
      default -> rest;
    };
  }

  private static String text(InputStream in, int length) throws IOException {
    return length < 0
        ? ""
        : new String(in.readNBytes(length + 2), 0, length, StandardCharsets.UTF_8);
  }

  private static String parts(InputStream in, int count) throws IOException {
    List<String> parts = new ArrayList<>();
    for (int left = count; left > 0; left--) {
      parts.add(read(in));
    }
    return String.join("\n", parts);
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the connection ended");
      }
      if (next != '\r') {
        text.write(next);
      }
    }
    return text.toString(StandardCharsets.UTF_8);
  }
}
