package dev.forebay.discovery;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.datagram.DatagramPacket;
import io.vertx.core.datagram.DatagramSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A name server of one name (RFC 1035): it answers with the records that it was given. */
final class NameServer {

  static final int A = 1;
  static final int AAAA = 28;
  static final int SRV = 33;

  private static final int NO_ERROR = 0;
  private static final int SERVER_FAILURE = 2;
  private static final int NO_SUCH_NAME = 3;

  private record Entry(int type, long ttl, Buffer data) {}

  private final DatagramSocket socket;
  private final AtomicLong asked = new AtomicLong();
  private volatile List<Entry> entries = List.of();
  private volatile boolean broken;

  NameServer(Vertx vertx) {
    socket = vertx.createDatagramSocket();
    NetworkContract.done(socket.listen(0, "127.0.0.1"));
    socket.handler(this::answer);
  }

  String address() {
    return "127.0.0.1:" + socket.localAddress().port();
  }

  long asked() {
    return asked.get();
  }

  void broken(boolean now) {
    broken = now;
  }

  /** Takes all records away: no such name. */
  NameServer clear() {
    entries = List.of();
    return this;
  }

  NameServer a(long ttl, int... bytes) {
    return add(A, ttl, bytes(bytes));
  }

  NameServer aaaa(long ttl, int last) {
    Buffer data = bytes(0x20, 0x01, 0x0d, 0xb8);
    for (int i = 4; i < 15; i++) {
      data.appendByte((byte) 0);
    }
    return add(AAAA, ttl, data.appendByte((byte) last));
  }

  NameServer srv(long ttl, int priority, int weight, int port, String target) {
    Buffer data =
        Buffer.buffer()
            .appendUnsignedShort(priority)
            .appendUnsignedShort(weight)
            .appendUnsignedShort(port);
    for (String label : target.split("\\.")) {
      data.appendByte((byte) label.length()).appendString(label);
    }
    return add(SRV, ttl, data.appendByte((byte) 0));
  }

  private NameServer add(int type, long ttl, Buffer data) {
    List<Entry> more = new ArrayList<>(entries);
    more.add(new Entry(type, ttl, data));
    entries = List.copyOf(more);
    return this;
  }

  private static Buffer bytes(int... bytes) {
    Buffer buffer = Buffer.buffer();
    for (int each : bytes) {
      buffer.appendByte((byte) each);
    }
    return buffer;
  }

  private void answer(DatagramPacket packet) {
    asked.incrementAndGet();
    Buffer question = packet.data();
    int end = 12;
    while (question.getByte(end) != 0) {
      end += question.getByte(end) + 1;
    }
    int type = question.getUnsignedShort(end + 1);
    List<Entry> found = entries.stream().filter(entry -> entry.type() == type).toList();
    int code = broken ? SERVER_FAILURE : entries.isEmpty() ? NO_SUCH_NAME : NO_ERROR;
    Buffer reply =
        Buffer.buffer()
            .appendUnsignedShort(question.getUnsignedShort(0))
            .appendUnsignedShort(0x8580 | code)
            .appendUnsignedShort(1)
            .appendUnsignedShort(broken ? 0 : found.size())
            .appendUnsignedShort(0)
            .appendUnsignedShort(0)
            .appendBuffer(question.slice(12, end + 5));
    if (!broken) {
      for (Entry entry : found) {
        reply
            .appendUnsignedShort(0xC00C) // the name of the question
            .appendUnsignedShort(entry.type())
            .appendUnsignedShort(1)
            .appendUnsignedInt(entry.ttl())
            .appendUnsignedShort(entry.data().length())
            .appendBuffer(entry.data());
      }
    }
    socket.send(reply, packet.sender().port(), packet.sender().host());
  }
}
