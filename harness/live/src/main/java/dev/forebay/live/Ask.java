package dev.forebay.live;

import com.typesafe.scalalogging.Logger;
import io.gatling.commons.stats.KO$;
import io.gatling.commons.stats.OK$;
import io.gatling.core.CoreComponents;
import io.gatling.core.action.Action;
import io.gatling.core.session.Session;
import io.gatling.http.client.HttpClient;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.LoggerFactory;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What a user of Gatling does: one conversation, a turn at a time. A later turn comes when the plan
 * says, but not before its think time after the end of the turn before, however that ended.
 */
final class Ask implements Action {

  private final TraceRun run;
  private final HttpClient client;
  private final CoreComponents core;
  private final Action next;
  private final AtomicInteger arrived = new AtomicInteger();
  private Logger logger = Logger.apply(LoggerFactory.getLogger(Ask.class));

  Ask(TraceRun run, HttpClient client, CoreComponents core, Action next) {
    this.run = run;
    this.client = client;
    this.core = core;
    this.next = next;
  }

  @Override
  public String name() {
    return "ask";
  }

  @Override
  public void execute(Session session) {
    List<Turn> turns = run.plan().conversations().get(arrived.getAndIncrement());
    Results results = run.results(turns.get(0).at());
    session
        .eventLoop()
        .execute(() -> turn(session, results, turns, 0, results.origin() + turns.get(0).at()));
  }

  private void turn(Session session, Results results, List<Turn> turns, int place, long due) {
    new Caller(
            run.plan().head(),
            client,
            session.eventLoop(),
            turns.get(place),
            result -> {
              told(session, result);
              results.add(result);
              int following = place + 1;
              if (following == turns.size()) {
                next.$bang(session);
                return;
              }
              Turn later = turns.get(following);
              long due2 = Math.max(results.origin() + later.at(), result.end + later.think());
              // Not from inside the end of the turn before: turns that fail at once would nest.
              session.eventLoop().execute(() -> turn(session, results, turns, following, due2));
            })
        .at(due);
  }

  /** Gatling counts requests, with all tries of a caller as one. */
  private void told(Session session, Result result) {
    boolean ok = result.how.equals("answered");
    long now = core.clock().nowMillis();
    core.statsEngine()
        .logResponse(
            session.scenario(),
            CollectionConverters.asScala(List.<String>of()).toList(),
            "request",
            now - (result.end - result.intended) / 1_000_000,
            now,
            ok ? OK$.MODULE$ : KO$.MODULE$,
            Option.empty(),
            ok ? Option.empty() : Option.apply(result.how + " " + result.reason));
  }

  @Override
  public Logger logger() {
    return logger;
  }

  @Override
  @SuppressWarnings("MemberName") // Scala's
  public void com$typesafe$scalalogging$StrictLogging$_setter_$logger_$eq(Logger made) {
    logger = made;
  }
}
