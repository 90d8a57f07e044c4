package dev.forebay.core.caching;

import dev.forebay.core.Endings;
import dev.forebay.core.Recording;
import dev.forebay.core.Streams;
import dev.forebay.spi.CachedAnswer;
import dev.forebay.spi.Call;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceResponse;
import io.vertx.core.AsyncResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Those aboard a flight who want the other form of its answer: they wait for its end, and then the
 * answer is converted, once for all of them who want the same. It reads the recording for them, so
 * that the call goes on where they are the only ones left.
 */
final class Converting {

  private final Flight flight;
  private final InferenceResponse head;
  private final Recording record;
  private final List<Participant> waiting = new ArrayList<>();
  private final Map<Boolean, Optional<CachedAnswer>> made = new HashMap<>();
  private @Nullable Call reading;
  private boolean tooLarge;
  private boolean landed;

  Converting(Flight flight, InferenceResponse head, Recording record) {
    this.flight = flight;
    this.head = head;
    this.record = record;
  }

  void add(Participant participant) {
    flight.leader.home.check();
    participant.left.cancel();
    if (landed) {
      give(participant);
      return;
    }
    waiting.add(participant);
    participant.left =
        participant
            .request
            .call()
            .onEnd(() -> flight.leader.home.execute(() -> leave(participant)));
    if (reading == null) {
      Call mine = Call.root(flight.leader.home);
      reading = mine;
      Streams.forEach(record.join(mine, false), chunk -> goOn())
          .onComplete(over -> landed(mine, over));
    }
  }

  /** A record past its bound cannot be converted. */
  private void goOn() {
    tooLarge = !record.joinable();
    if (tooLarge) {
      throw Failure.internal("too large to convert", null);
    }
  }

  private void leave(Participant participant) {
    Call mine = reading;
    if (waiting.remove(participant)) {
      participant.failed(Endings.why(participant.request.call()));
      if (waiting.isEmpty() && mine != null) {
        reading = null; // what comes of it concerns nobody
        mine.end();
      }
    }
  }

  private void landed(Call mine, AsyncResult<Void> over) {
    mine.end();
    if (reading != mine) {
      return;
    }
    landed = over.succeeded();
    List<Participant> all = List.copyOf(waiting);
    waiting.clear();
    if (landed) {
      all.forEach(this::give);
    } else if (tooLarge) {
      all.forEach(this::sendBack);
    } else {
      Failure failure = Failure.from(over.cause());
      flight.onLane(() -> flight.stranded(all, failure));
    }
  }

  private void give(Participant participant) {
    Optional<CachedAnswer> fitting =
        made.computeIfAbsent(
            participant.request.info().traits().includeUsage(), usage -> convert(participant));
    if (fitting.isPresent()) {
      participant.converted(fitting.get());
    } else {
      sendBack(participant);
    }
  }

  /** It must not come back here. */
  private void sendBack(Participant participant) {
    flight.over();
    participant.unfit();
  }

  private Optional<CachedAnswer> convert(Participant participant) {
    CachedAnswer answer = flight.answer(head, record);
    return Optional.ofNullable(answer == null ? null : Conversion.as(answer, participant.request));
  }
}
