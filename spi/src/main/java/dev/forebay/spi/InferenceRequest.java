package dev.forebay.spi;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through the chain.
 *
 * @param info what policies may see of it
 * @param body the caller's bytes, forwarded as they are
 * @param call its live half: ends when the caller leaves or a deadline passes
 * @param attempt which try this is, and which endpoints to avoid
 * @param head the caller's head, if it came by HTTP
 * @param places of the members of the body; null if nobody has read it
 */
public record InferenceRequest(
    RequestInfo info,
    Buffer body,
    Call call,
    Attempt attempt,
    HttpHead head,
    @Nullable MemberPlaces places) {

  /** A request without a head, whose body nobody has read. */
  public InferenceRequest(RequestInfo info, Buffer body, Call call, Attempt attempt) {
    this(info, body, call, attempt, HttpHead.NONE, null);
  }

  /** This request under another call, usually a child of its own. */
  public InferenceRequest with(Call other) {
    return new InferenceRequest(info, body, other, attempt, head, places);
  }

  /** This request as another attempt. */
  public InferenceRequest with(Attempt other) {
    return new InferenceRequest(info, body, call, other, head, places);
  }

  /** This request with other facts for the policies. */
  public InferenceRequest with(RequestInfo other) {
    return new InferenceRequest(other, body, call, attempt, head, places);
  }

  /** This request as if its caller had sent another head. */
  public InferenceRequest with(HttpHead other) {
    return new InferenceRequest(info, body, call, attempt, other, places);
  }

  /** This request for another model: both what policies see and the bytes, which must agree. */
  public InferenceRequest with(RequestInfo other, Buffer bytes) {
    return with(other, bytes, null);
  }

  /**
   * As {@link #with(RequestInfo, Buffer)}, with the places of the members of the bytes.
   *
   * @param there null if they are not known
   */
  public InferenceRequest with(RequestInfo other, Buffer bytes, @Nullable MemberPlaces there) {
    return new InferenceRequest(other, bytes, call, attempt, head, there);
  }

  /**
   * The head of a request as its caller sent it by HTTP, for filters and backends that pass some of
   * it on. A trace has none: what depends on it behaves otherwise in a replay, and its {@link
   * Plugin#readsHead()} says so.
   *
   * @param path the path without the query, as it was sent; empty if there is none
   * @param headers those of the caller, without the credentials ({@code authorization}, {@code
   *     proxy-authorization}, {@code x-api-key}, {@code api-key}, {@code cookie}); together not
   *     larger than the gateway's bound on heads
   */
  public record HttpHead(String path, Headers headers) {

    /** No head: of requests that did not come by HTTP, such as those of a trace. */
    public static final HttpHead NONE = new HttpHead("", Headers.EMPTY);
  }

  /**
   * The places of the members of a body's outermost object. The reader of the body notes them, so
   * that a member can be found, replaced or added later without reading the body again.
   */
  public static final class MemberPlaces {

    private static final int EACH = 3;

    private final int[] places;
    private final int close;

    /**
     * Places, in bytes from the beginning of the body.
     *
     * @param places for each member, in the order of the body: the quote before its name, the first
     *     byte of its value, and the byte after its value; kept, not copied
     * @param close the bracket that ends the object
     */
    public MemberPlaces(int[] places, int close) {
      this.places = places;
      this.close = close;
    }

    /** How many members there are. */
    public int count() {
      return places.length / EACH;
    }

    /** The quote before the name of a member, which is a number below {@link #count()}. */
    public int name(int member) {
      return places[EACH * member];
    }

    /** The first byte of the value of a member. */
    public int value(int member) {
      return places[EACH * member + 1];
    }

    /** The byte after the value of a member. */
    public int end(int member) {
      return places[EACH * member + 2];
    }

    /** The bracket that ends the object. */
    public int close() {
      return close;
    }

    /**
     * These places after bytes of a value have given way to others.
     *
     * @param from the first byte that gave way
     * @param more bytes that came minus bytes that went
     */
    public MemberPlaces moved(int from, int more) {
      int[] moved = places.clone();
      for (int i = 0; i < moved.length; i++) {
        moved[i] += moved[i] > from ? more : 0;
      }
      return new MemberPlaces(moved, close + more);
    }

    /** These places with a last member, and the bracket after it. */
    public MemberPlaces with(int name, int value, int end, int closeAfter) {
      int[] more = Arrays.copyOf(places, places.length + EACH);
      more[places.length] = name;
      more[places.length + 1] = value;
      more[places.length + 2] = end;
      return new MemberPlaces(more, closeAfter);
    }
  }

  /**
   * Which try of a request this is, and which endpoints to avoid.
   *
   * @param number 1 for the first try
   * @param avoid ids of endpoints that failed earlier tries; they are used again only if no other
   *     is left
   * @param given tokens of the answer that the caller has from earlier tries, at least 0: if there
   *     are any, this try continues their answer, and {@link RequestInfo#promptTokens()} includes
   *     them
   */
  public record Attempt(int number, List<String> avoid, int given) {

    /** The first try. */
    public static final Attempt FIRST = new Attempt(1, List.of());

    /** A try of an answer of which the caller has nothing. */
    public Attempt(int number, List<String> avoid) {
      this(number, avoid, 0);
    }

    /** Checks and copies. */
    public Attempt {
      if (number < 1) {
        throw new IllegalArgumentException("number: " + number + " (expected: >= 1)");
      }
      if (given < 0) {
        throw new IllegalArgumentException("given: " + given + " (expected: >= 0)");
      }
      avoid = List.copyOf(avoid);
    }

    /**
     * The next try.
     *
     * @param failedAt the endpoint that failed this one, or null if none was reached
     */
    public Attempt next(@Nullable String failedAt) {
      if (failedAt == null || avoid.contains(failedAt)) {
        return new Attempt(number + 1, avoid, given);
      }
      List<String> more = new ArrayList<>(avoid);
      more.add(failedAt);
      return new Attempt(number + 1, more, given);
    }

    /** This try, if the caller has so many tokens of the answer already. */
    public Attempt continuing(int tokens) {
      return new Attempt(number, avoid, tokens);
    }
  }
}
