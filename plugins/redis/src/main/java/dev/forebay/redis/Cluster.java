package dev.forebay.redis;

import dev.forebay.redis.RedisFailure.Reason;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A Redis Cluster: each command goes to the master that holds its slot, over a connection to that
 * master alone. A node that stands still holds up the keys that it has, and no others.
 *
 * <p>Several nodes are asked for the slots at once, and the first answer counts. They are asked at
 * the start, after a redirection, and again and again while a node does not answer. The Cluster
 * client of Vert.x was rejected: it asks one node after the other without a bound on time, so one
 * that stands still stops it; it does not tell which node a key belongs to; and it keeps the slots
 * until a node redirects, which one that stands still does not.
 */
final class Cluster implements Nodes {

  private static final int REDIRECTIONS = 3;

  /** How many nodes are asked for the slots at once. */
  private static final int ASKED = 3;

  /** The least time from one question for the slots to the next. */
  private static final long REST_NANOS = 250_000_000;

  private static final Pattern REDIRECTION =
      Pattern.compile("(MOVED|ASK) (\\d{1,5}) (.*):(\\d{1,5})");

  private final Redis options;
  private final Vertx vertx;
  private final Timeline timeline;
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private Promise<Slots> slots = Promise.promise(); // complete once they are known
  private @Nullable Object question;
  private long askedNanos;
  private int turn;
  private String answered;
  private boolean closed;

  /** A cluster, of which the options name some nodes; asks them for the slots. */
  Cluster(Redis options, Vertx vertx, Timeline timeline) {
    this.options = options;
    this.vertx = vertx;
    this.timeline = timeline;
    this.answered = options.servers().get(0);
    this.askedNanos = timeline.nanos() - REST_NANOS;
  }

  @Override
  public String of(String key) {
    Slots known = slots.future().result();
    String owner = known == null ? null : known.owner(Slots.of(key));
    return owner == null ? "" : owner;
  }

  @Override
  public Future<@Nullable Response> send(String key, Request request) {
    int slot = Slots.of(key);
    if (slots.future().succeeded()) {
      return send(slots.future().result(), slot, request);
    }
    lookAgain();
    return question == null
        ? Future.failedFuture(new RedisFailure(Reason.GONE, "no node of the cluster answers"))
        : slots.future().compose(known -> send(known, slot, request));
  }

  private Future<@Nullable Response> send(Slots known, int slot, Request request) {
    String owner = known.owner(slot);
    if (owner == null) {
      lookAgain();
      return Future.failedFuture(
          new RedisFailure(Reason.LOADING, "no node of the cluster holds slot " + slot));
    }
    return followed(owner, sendTo(owner, request), request, REDIRECTIONS);
  }

  private Future<@Nullable Response> followed(
      String asked, Future<@Nullable Response> answer, Request request, int left) {
    return answer.recover(
        thrown -> {
          Matcher moved = REDIRECTION.matcher(thrown instanceof RedisFailure f ? f.said() : "");
          if (left == 0 || !moved.matches()) {
            return Future.failedFuture(thrown);
          }
          String other = Slots.address(asked, moved.group(3), moved.group(4));
          if (other == null) {
            return Future.failedFuture(thrown);
          }
          if (moved.group(1).equals("ASK")) {
            return followed(other, node(other).sendAsking(request), request, left - 1);
          }
          moved(Integer.parseInt(moved.group(2)), other);
          return followed(other, sendTo(other, request), request, left - 1);
        });
  }

  private void moved(int slot, String owner) {
    Slots known = slots.future().result();
    if (known != null && slot < Slots.COUNT) {
      known.moved(slot, owner);
    }
    lookAgain();
  }

  @Override
  public Future<@Nullable Response> sendTo(String name, Request request) {
    String address = name.isEmpty() ? any() : name;
    return node(address).send(request).onSuccess(reply -> answered = address);
  }

  @Override
  public String any() {
    return answered;
  }

  @Override
  public String subscribeAt() {
    return next(1).get(0);
  }

  /** The next nodes in turn, of those that hold slots and those that the options name. */
  private List<String> next(int most) {
    Set<String> all = new LinkedHashSet<>(options.servers());
    Slots known = slots.future().result();
    if (known != null) {
      all.addAll(known.all());
    }
    List<String> every = List.copyOf(all);
    List<String> next = new ArrayList<>();
    for (int i = 0; i < Math.min(most, every.size()); i++) {
      next.add(every.get(Math.floorMod(turn++, every.size())));
    }
    return next;
  }

  private Node node(String address) {
    return nodes.computeIfAbsent(address, made -> new Node(options, made, vertx, timeline));
  }

  @Override
  public void lookAgain() {
    long now = timeline.nanos();
    if (closed || now - askedNanos < REST_NANOS) {
      return;
    }
    Object asking = new Object();
    question = asking;
    askedNanos = now;
    List<Future<Slots>> answers = next(ASKED).stream().map(node -> ask(node, asking)).toList();
    Future.any(answers).onFailure(thrown -> unanswered(thrown, asking));
  }

  private void unanswered(Throwable thrown, Object asking) {
    if (question != asking) {
      return;
    }
    question = null;
    Promise<Slots> waiting = slots;
    if (!waiting.future().isComplete()) {
      slots = Promise.promise();
      waiting.fail(thrown);
    }
  }

  private Future<Slots> ask(String node, Object asking) {
    return node(node)
        .send(Request.cmd(Command.CLUSTER).arg("SLOTS"))
        .compose(
            reply ->
                reply == null || reply.size() == 0
                    ? Future.<Slots>failedFuture(
                        new RedisFailure(Reason.LOADING, "the cluster has no slots"))
                    : Future.succeededFuture(Slots.of(reply, node)))
        .onSuccess(told -> learned(told, node, asking));
  }

  /** Only the first answer to the last question counts: another one may be old. */
  private void learned(Slots told, String node, Object asking) {
    if (question != asking || closed) {
      return;
    }
    question = null;
    answered = node;
    Promise<Slots> waiting = slots;
    if (waiting.future().isComplete()) {
      slots = Promise.promise();
      slots.complete(told);
    } else {
      waiting.complete(told);
    }
    forget(told.all());
  }

  /** Closes the connections to nodes that hold no slots any more. */
  private void forget(Set<String> masters) {
    Set<String> kept = new LinkedHashSet<>(masters);
    kept.addAll(options.servers());
    List<String> gone = nodes.keySet().stream().filter(node -> !kept.contains(node)).toList();
    for (String node : gone) {
      Node old = nodes.remove(node);
      if (old != null) {
        old.close();
      }
    }
  }

  @Override
  public Future<Void> close() {
    closed = true;
    List<Future<Void>> closing = nodes.values().stream().map(Node::close).toList();
    nodes.clear();
    slots.tryFail(new RedisFailure(Reason.GONE, "closed"));
    return Future.join(closing).mapEmpty();
  }
}
