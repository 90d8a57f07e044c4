package dev.forebay.dialect;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.MemberPlaces;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a request's JSON object, of which members can be replaced or added. All other bytes
 * stay as they are: a body that is serialised again loses the provider's own prefix cache.
 *
 * <p>The edge has noted the places of the members. So a change costs a copy of the bytes, and
 * looking for a member costs no more than there are members: both happen on event loops, which must
 * not read a body of megabytes again.
 */
public final class JsonBody {

  private final Buffer bytes;
  private final MemberPlaces places;

  /**
   * A body that was read.
   *
   * @param places of its members
   */
  public JsonBody(Buffer bytes, MemberPlaces places) {
    this.bytes = bytes;
    this.places = places;
  }

  /** The body of a request; null if it is no JSON object in UTF-8. */
  public static @Nullable JsonBody of(InferenceRequest request) {
    MemberPlaces noted = request.places();
    return noted == null ? read(request.body()) : new JsonBody(request.body(), noted);
  }

  /** A body that nobody has read yet; null if it is no JSON object in UTF-8. */
  public static @Nullable JsonBody read(Buffer body) {
    if (body.length() < 2 || body.getByte(0) == 0 || body.getByte(1) == 0) {
      return null; // UTF-16 or UTF-32, if anything
    }
    PlaceNotes notes = new PlaceNotes();
    try (JsonParser parser = JsonSource.positions(body.getBytes())) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        notes.begins(parser);
        parser.nextToken();
        notes.begins(parser);
        parser.skipChildren();
        parser.finishToken();
        notes.ended(parser);
      }
      notes.closes(parser);
      return parser.nextToken() == null ? new JsonBody(body, notes.inBytes()) : null;
    } catch (IOException e) {
      return null;
    }
  }

  /** The request with this body, for the same model. */
  public InferenceRequest in(InferenceRequest request) {
    return request.with(request.info(), bytes, places);
  }

  /** The bytes. */
  public Buffer bytes() {
    return bytes;
  }

  /** The places of their members. */
  public MemberPlaces places() {
    return places;
  }

  /** The bytes of the value of a member. */
  public Buffer value(int member) {
    return bytes.slice(places.value(member), places.end(member));
  }

  /**
   * A member of a name, however the name is escaped.
   *
   * @param name in ASCII
   * @param from the first member to look at
   * @return a number of {@link #places()}; -1 if there is none
   */
  public int find(String name, int from) {
    for (int member = from; member < places.count(); member++) {
      if (named(places.name(member) + 1, name)) {
        return member;
      }
    }
    return -1;
  }

  private boolean named(int first, String name) {
    int at = first;
    for (int i = 0; i < name.length(); i++) {
      int octet = bytes.getByte(at);
      if (octet == name.charAt(i) && octet != '"' && octet != '\\') {
        at++;
      } else if (octet == '\\' && escaped(at + 1) == name.charAt(i)) {
        at += bytes.getByte(at + 1) == 'u' ? 6 : 2;
      } else {
        return false;
      }
    }
    return bytes.getByte(at) == '"';
  }

  /** The character after a backslash; -1 if it is a control, which no name of ours has. */
  private int escaped(int at) {
    byte octet = bytes.getByte(at);
    return switch (octet) {
      case '"', '\\', '/' -> octet;
      case 'u' -> Integer.parseInt(bytes.getString(at + 1, at + 5), 16);
      default -> -1;
    };
  }

  /** This body with another value of a member. */
  public JsonBody withValue(int member, byte[] value) {
    return with(places.value(member), places.end(member), value);
  }

  /**
   * This body with other bytes within the value of a member.
   *
   * @param from the first byte that gives way
   * @param to the byte after the last one; {@code from} if none does
   */
  public JsonBody with(int from, int to, byte[] others) {
    int more = others.length - (to - from);
    return new JsonBody(spliced(from, to, others), places.moved(from, more));
  }

  /**
   * This body with one more member at its end, where a prefix cache does not mind it.
   *
   * @param name of it, in ASCII without escapes
   * @param value of it, in JSON
   */
  public JsonBody withMember(String name, String value) {
    int close = places.close();
    int begin = places.count() == 0 ? close : close + 1;
    String member = (begin == close ? "\"" : ",\"") + name + "\":" + value;
    byte[] inserted = member.getBytes(StandardCharsets.UTF_8);
    int end = close + inserted.length;
    return new JsonBody(
        spliced(close, close, inserted), places.with(begin, begin + name.length() + 3, end, end));
  }

  private Buffer spliced(int from, int to, byte[] others) {
    return Buffer.buffer(bytes.length() + others.length)
        .appendBuffer(bytes, 0, from)
        .appendBytes(others)
        .appendBuffer(bytes, to, bytes.length() - to);
  }
}
