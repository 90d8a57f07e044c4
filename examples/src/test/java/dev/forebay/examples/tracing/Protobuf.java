package dev.forebay.examples.tracing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A message of Protocol Buffers, read without its schema: its fields by number. */
final class Protobuf {

  private final Map<Integer, List<Object>> fields = new LinkedHashMap<>();

  private Protobuf() {}

  static Protobuf read(byte[] bytes) {
    Protobuf message = new Protobuf();
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      int tag = (int) varint(in);
      Object value =
          switch (tag & 7) {
            case 0 -> varint(in);
            case 1 -> in.getLong();
            case 2 -> {
              byte[] part = new byte[(int) varint(in)];
              in.get(part);
              yield part;
            }
            case 5 -> (long) in.getInt();
            default -> throw new IllegalArgumentException("wire type " + (tag & 7));
          };
      message.fields.computeIfAbsent(tag >>> 3, number -> new ArrayList<>()).add(value);
    }
    return message;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  List<Protobuf> messages(int field) {
    return fields.getOrDefault(field, List.of()).stream().map(part -> read((byte[]) part)).toList();
  }

  boolean has(int field) {
    return fields.containsKey(field);
  }

  byte[] bytes(int field) {
    return (byte[]) fields.getOrDefault(field, List.of(new byte[0])).get(0);
  }

  String text(int field) {
    return new String(bytes(field), StandardCharsets.UTF_8);
  }

  long number(int field) {
    return (long) fields.getOrDefault(field, List.of(0L)).get(0);
  }
}
