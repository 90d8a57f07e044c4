package dev.forebay.discovery;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.datagram.DatagramPacket;
import io.vertx.core.datagram.DatagramSocket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A name server of one name (RFC 1035): it answers with the records that it was given, and begins
 * with another one each time, as most do. The name may be an alias of others.
 */
final class NameServer {

  static final int A = 1;
  static final int AAAA = 28;
  static final int SRV = 33;

  private static final int CNAME = 5;

  private static final int NO_ERROR = 0;
  private static final int SERVER_FAILURE = 2;
  private static final int NO_SUCH_NAME = 3;
  private static final int REFUSED = 5;

  private record Entry(int type, long ttl, Buffer data) {}

  private final DatagramSocket socket;
  private final AtomicLong asked = new AtomicLong();
  private volatile List<Entry> entries = List.of();
  private volatile boolean broken;
  private volatile int refused;
  private volatile List<String> aliases = List.of();
  private volatile List<Long> aliasTtls = List.of();
  private volatile boolean oneByOne;

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
    return add(SRV, ttl, data.appendBuffer(name(target)));
  }

  private static Buffer name(String text) {
    Buffer data = Buffer.buffer();
    for (String label : text.split("\\.")) {
      data.appendByte((byte) label.length()).appendString(label);
    }
    return data.appendByte((byte) 0);
  }

  /** Refuses to answer for a type of records. */
  NameServer refuse(int type) {
    refused = type;
    return this;
  }

  /** The name is an alias of the first of these, this one of the next, and the last has records. */
  NameServer aliases(String... chain) {
    aliases = List.of(chain);
    return this;
  }

  /** The times to live of the aliases, in seconds; 60 each by default. */
  NameServer aliasTtls(Long... seconds) {
    aliasTtls = List.of(seconds);
    return this;
  }

  /** Each answer tells one alias, and nothing of what it stands for. */
  NameServer oneByOne() {
    oneByOne = true;
    return this;
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
    List<Entry> found = new ArrayList<>(entries.stream().filter(e -> e.type() == type).toList());
    Collections.rotate(found, asked.intValue());
    boolean silent = broken || type == refused;
    int code =
        broken
            ? SERVER_FAILURE
            : type == refused ? REFUSED : entries.isEmpty() ? NO_SUCH_NAME : NO_ERROR;
    Buffer records = Buffer.buffer();
    Buffer owner = Buffer.buffer().appendUnsignedShort(0xC00C); // the name of the question
    List<String> chain = silent || entries.isEmpty() ? List.of() : aliases;
    int known = chain.indexOf(text(question)) + 1; // 0 for the name that is the first alias
    int told = oneByOne ? Math.min(known + 1, chain.size()) : chain.size();
    if (told < chain.size()) {
      found = List.of();
    }
    for (int i = known; i < told; i++) {
      long ttl = aliasTtls.isEmpty() ? 60 : aliasTtls.get(i);
      record(records, owner, new Entry(CNAME, ttl, name(chain.get(i))));
      owner = name(chain.get(i));
    }
    for (Entry entry : silent ? List.<Entry>of() : found) {
      record(records, owner, entry);
    }
    Buffer reply =
        Buffer.buffer()
            .appendUnsignedShort(question.getUnsignedShort(0))
            .appendUnsignedShort(0x8580 | code)
            .appendUnsignedShort(1)
            .appendUnsignedShort(silent ? 0 : told - known + found.size())
            .appendUnsignedShort(0)
            .appendUnsignedShort(0)
            .appendBuffer(question.slice(12, end + 5))
            .appendBuffer(records);
    socket.send(reply, packet.sender().port(), packet.sender().host());
  }

  private static String text(Buffer question) {
    List<String> labels = new ArrayList<>();
    for (int at = 12; question.getByte(at) != 0; at += question.getByte(at) + 1) {
      labels.add(question.getString(at + 1, at + 1 + question.getByte(at)));
    }
    return String.join(".", labels);
  }

  private static void record(Buffer to, Buffer owner, Entry entry) {
    to.appendBuffer(owner)
        .appendUnsignedShort(entry.type())
        .appendUnsignedShort(1)
        .appendUnsignedInt(entry.ttl())
        .appendUnsignedShort(entry.data().length())
        .appendBuffer(entry.data());
  }
}
