package dev.forebay.balancing.sessionaffinity;

import dev.forebay.balancing.affinity.AffinityKey;
import dev.forebay.balancing.affinity.LoadBound;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A table of sessions and their endpoints, least recently used first. A session whose endpoint left
 * or is not a candidate gets another for good; one whose endpoint is over its bound, or whose
 * account is full, goes elsewhere for this request only. Expired sessions are dropped as requests
 * come: there is no timer.
 */
final class SessionAffinityBalancer implements Balancer {

  private final AffinityKey by;
  private final long idleNanos;
  private final int maxSessions;
  private final LoadBound bound;
  private final Timeline timeline;
  private final LinkedHashMap<String, Place> sessions = new LinkedHashMap<>(16, 0.75f, true);

  SessionAffinityBalancer(SessionAffinity options, Timeline timeline) {
    this.by = options.by();
    this.idleNanos = options.idle().toNanos();
    this.maxSessions = options.maxSessions();
    this.bound = new LoadBound(options.loadBound(), options.always());
    this.timeline = timeline;
  }

  @Override
  public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
    String session = by.of(request);
    if (session.isEmpty()) {
      return bound.leastLoaded(candidates);
    }
    long now = timeline.nanos();
    expire(now);
    Place place = sessions.get(session);
    if (place != null && place.endpoint.accountFull() && !candidates.contains(place.endpoint)) {
      place.usedNanos = now;
      return bound.leastLoaded(candidates);
    }
    if (place == null || !candidates.contains(place.endpoint)) {
      Endpoint chosen = bound.leastLoaded(candidates);
      sessions.put(session, new Place(chosen, now));
      makeRoom();
      return chosen;
    }
    place.usedNanos = now;
    bound.measure(candidates);
    return bound.hasRoom(place.endpoint) ? place.endpoint : bound.leastLoaded(candidates);
  }

  private void expire(long now) {
    Place oldest = eldest();
    while (oldest != null && now - oldest.usedNanos >= idleNanos) {
      dropEldest();
      oldest = eldest();
    }
  }

  private void makeRoom() {
    while (sessions.size() > maxSessions) {
      dropEldest();
    }
  }

  private @Nullable Place eldest() {
    Iterator<Place> all = sessions.values().iterator();
    return all.hasNext() ? all.next() : null;
  }

  private void dropEldest() {
    Iterator<Place> all = sessions.values().iterator();
    all.next();
    all.remove();
  }

  @Override
  public void members(List<Endpoint> all) {
    Set<Endpoint> now = new HashSet<>(all);
    sessions.values().removeIf(place -> !now.contains(place.endpoint));
  }

  /** Where a session is. */
  private static final class Place {
    private final Endpoint endpoint;
    private long usedNanos;

    Place(Endpoint endpoint, long usedNanos) {
      this.endpoint = endpoint;
      this.usedNanos = usedNanos;
    }
  }
}
