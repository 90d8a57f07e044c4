package dev.forebay.simulation;

import dev.forebay.spi.Timeline;
import dev.forebay.spi.Usage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An answer that notes what it hears, and when. */
final class Heard implements Answer {

  private final Timeline timeline;
  final List<String> heard = new ArrayList<>();
  final List<Long> tokenNanos = new ArrayList<>();
  int tokens;
  int keepAlives;
  boolean accepted;
  @Nullable Ending ending;
  Usage usage = Usage.NONE;
  long endedNanos = -1;

  Heard(Timeline timeline) {
    this.timeline = timeline;
  }

  @Override
  public void accepted() {
    accepted = true;
    hear("accepted");
  }

  @Override
  public void waiting() {
    keepAlives++;
    hear("waiting");
  }

  @Override
  public void tokens(int count) {
    tokens += count;
    tokenNanos.add(timeline.nanos());
    hear("tokens " + count);
  }

  @Override
  public void ended(Ending how, Usage used) {
    if (ending != null) {
      throw new AssertionError("ended twice: " + ending + ", " + how);
    }
    ending = how;
    usage = used;
    endedNanos = timeline.nanos();
    hear("ended " + how + " " + used);
  }

  long firstTokenNanos() {
    return tokenNanos.get(0);
  }

  private void hear(String what) {
    heard.add(timeline.nanos() + " " + what);
  }
}
