package dev.forebay.dialect;

import com.fasterxml.jackson.core.JsonParser;
import dev.forebay.spi.InferenceRequest.MemberPlaces;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Notes the places of the members of an object while a parser reads it: first in characters, as
 * parsers count; at the end in bytes.
 */
public final class PlaceNotes {

  private static final int FIRST = 24;
  private static final long NOT_ASCII = 0x8080_8080_8080_8080L;
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private int[] places = new int[FIRST];
  private int size;
  private int close;

  /** Notes the current token: a name, and then the first one of its value. */
  public void begins(JsonParser parser) {
    add(JsonSource.begin(parser));
  }

  /** Notes that the value of a member has been read to its end. */
  public void ended(JsonParser parser) {
    add(JsonSource.end(parser));
  }

  /** Notes the bracket that ends the object: the current token. */
  public void closes(JsonParser parser) {
    close = JsonSource.begin(parser);
  }

  private void add(int place) {
    if (size == places.length) {
      places = Arrays.copyOf(places, 2 * size);
    }
    places[size++] = place;
  }

  /** The places, if the parser took each byte for a character. */
  MemberPlaces inBytes() {
    return new MemberPlaces(Arrays.copyOf(places, size), close);
  }

  /**
   * The places, if the parser took bytes for UTF-8.
   *
   * @param bytes with the object; valid UTF-8
   * @param from the first of them
   * @param length of them
   * @param characters all that the parser has read, up to the last byte
   */
  public MemberPlaces inUtf8(byte[] bytes, int from, int length, long characters) {
    int mark = JsonSource.mark(bytes, from, length);
    int[] found = Arrays.copyOf(places, size);
    if (mark + characters == length) { // ASCII
      if (mark > 0) {
        Arrays.setAll(found, i -> mark + found[i]);
      }
      return new MemberPlaces(found, mark + close);
    }
    Walk walk = new Walk(bytes, from, from + mark);
    for (int i = 0; i < size; i++) {
      found[i] = walk.to(found[i]);
    }
    return new MemberPlaces(found, walk.to(close));
  }

  /** A walk along UTF-8 that counts the characters of UTF-16. */
  private static final class Walk {
    private final byte[] bytes;
    private final int from;
    private int at;
    private int characters;

    Walk(byte[] bytes, int from, int at) {
      this.bytes = bytes;
      this.from = from;
      this.at = at;
    }

    int to(int character) {
      while (characters < character) {
        boolean eight = character - characters >= Long.BYTES && bytes.length - at >= Long.BYTES;
        if (eight && ((long) WORDS.get(bytes, at) & NOT_ASCII) == 0) {
          at += Long.BYTES;
          characters += Long.BYTES;
        } else {
          int first = bytes[at] & 0xFF;
          at += first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
          characters += first < 0xF0 ? 1 : 2;
        }
      }
      return at - from;
    }
  }
}
