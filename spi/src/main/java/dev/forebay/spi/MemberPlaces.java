package dev.forebay.spi;

import java.util.Arrays;

/**
 * The places of the members of a body's outermost object. The reader of the body notes them, so
 * that a member can be found, replaced or added later without reading the body again.
 */
public final class MemberPlaces {

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
