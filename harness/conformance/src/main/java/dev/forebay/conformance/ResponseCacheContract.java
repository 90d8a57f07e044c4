package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.Call;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rules for caches: K1 and following of {@code docs/spec.md}. */
public interface ResponseCacheContract extends PluginContract<ResponseCache> {

  /** How many bytes of answers the cache under test holds at most. */
  default long memoryBoundBytes() {
    return 64L << 20;
  }

  /** The stage that tests it: by default one of virtual time, with what {@link #lend} lends. */
  default Stage stage() {
    return Stage.virtual(lend(TestContext.create()));
  }

  private static <V extends @Nullable Object> V done(Stage stage, Supplier<Future<V>> action) {
    Future<V> complete = stage.await(action);
    if (complete.failed()) {
      throw Rule.broken("a future of the cache failed: %s (expected: none does)", complete.cause());
    }
    return complete.result();
  }

  private static @Nullable CachedAnswer get(ResponseCache cache, Stage stage, PromptKey key) {
    return done(stage, () -> cache.get(key, Requests.any()));
  }

  private static void put(ResponseCache cache, Stage stage, PromptKey key, CachedAnswer answer) {
    done(stage, () -> cache.put(key, Requests.any(), answer));
  }

  private static void forget(ResponseCache cache, Stage stage, PromptKey key) {
    done(stage, () -> cache.invalidate(key));
  }

  /** K1: what is not there is a miss, not a failure. */
  @Test
  default void k1_whatIsNotThereIsAMiss() {
    Rule.check(
        this,
        "K1",
        () -> {
          Stage stage = stage();
          ResponseCache cache = plugin().create(stage.context());
          for (int i = 0; i < 100; i++) {
            CachedAnswer found = get(cache, stage, Requests.key(i));
            require(found == null, "an empty cache gave %s", found);
          }
          forget(cache, stage, Requests.key(1));
        });
  }

  /** K2: an empty cache stores an answer, and gives it back whole. */
  @Test
  default void k2_givesBackWhatWasStored() {
    Rule.check(
        this,
        "K2",
        () -> {
          Stage stage = stage();
          ResponseCache cache = plugin().create(stage.context());
          PromptKey key = Requests.key(1);
          CachedAnswer stored = Answers.of("the answer", stage.requestTimeline().epochMillis());
          put(cache, stage, key, stored);
          for (int i = 0; i < 2; i++) {
            CachedAnswer found = get(cache, stage, key);
            require(found != null, "an answer that was just stored is not there");
            require(stored.equals(found), "stored %s, found %s", stored, found);
          }
        });
  }

  /** K3: every bit of a key counts. */
  @Test
  default void k3_everyBitOfAKeyCounts() {
    Rule.check(
        this,
        "K3",
        () -> {
          Stage stage = stage();
          ResponseCache cache = plugin().create(stage.context());
          PromptKey key = Requests.key(1);
          CachedAnswer stored = Answers.of("the answer", stage.requestTimeline().epochMillis());
          put(cache, stage, key, stored);
          for (int bit = 0; bit < 64; bit++) {
            PromptKey high = new PromptKey(key.high() ^ 1L << bit, key.low());
            PromptKey low = new PromptKey(key.high(), key.low() ^ 1L << bit);
            PromptKey both = new PromptKey(key.high() ^ 1L << bit, key.low() ^ 1L << bit);
            for (PromptKey other : new PromptKey[] {high, low, both}) {
              require(get(cache, stage, other) == null, "%s found under %s", key, other);
            }
          }
        });
  }

  /** K4: an equal key finds the answer, whatever object it is. */
  @Test
  default void k4_anEqualKeyFindsTheAnswer() {
    Rule.check(
        this,
        "K4",
        () -> {
          Stage stage = stage();
          ResponseCache cache = plugin().create(stage.context());
          CachedAnswer stored = Answers.of("the answer", stage.requestTimeline().epochMillis());
          put(cache, stage, new PromptKey(1, 2), stored);
          CachedAnswer found = get(cache, stage, new PromptKey(1, 2));
          require(found != null, "not found under an equal key that is another object");
        });
  }

  /** K5: what was forgotten is gone. */
  @Test
  default void k5_whatWasForgottenIsGone() {
    Rule.check(
        this,
        "K5",
        () -> {
          Stage stage = stage();
          ResponseCache cache = plugin().create(stage.context());
          CachedAnswer stored = Answers.of("the answer", stage.requestTimeline().epochMillis());
          put(cache, stage, Requests.key(1), stored);
          forget(cache, stage, Requests.key(1));
          require(get(cache, stage, Requests.key(1)) == null, "found after it was invalidated");
          forget(cache, stage, Requests.key(1));
        });
  }

  /** K6: a later answer replaces an earlier one. */
  @Test
  default void k6_aLaterAnswerReplacesAnEarlier() {
    Rule.check(
        this,
        "K6",
        () -> {
          Stage stage = stage();
          ResponseCache cache = plugin().create(stage.context());
          PromptKey key = Requests.key(1);
          long now = stage.requestTimeline().epochMillis();
          put(cache, stage, key, Answers.of("the first", now));
          CachedAnswer second = Answers.of("the second", now);
          put(cache, stage, key, second);
          CachedAnswer found = get(cache, stage, key);
          require(second.equals(found), "stored %s last, found %s", second, found);
        });
  }

  /** K7: the cache has a bound in bytes. */
  @Test
  default void k7_hasABoundInBytes() {
    Rule.check(
        this,
        "K7",
        () -> {
          Stage stage = stage();
          ResponseCache cache = plugin().create(stage.context());
          long now = stage.requestTimeline().epochMillis();
          CachedAnswer large = Answers.sized(1 << 20, now);
          long offered = 2 * memoryBoundBytes() / large.bytes() + 4;
          for (int i = 0; i < offered; i++) {
            put(cache, stage, Requests.key(i), large);
          }
          long held = 0;
          for (int i = 0; i < offered; i++) {
            CachedAnswer found = get(cache, stage, Requests.key(i));
            held += found == null ? 0 : found.bytes();
          }
          require(
              held <= memoryBoundBytes(),
              "%d bytes are held (expected: the memory bound of %d at most)",
              held,
              memoryBoundBytes());
        });
  }

  /** K8: what was replaced, forgotten or evicted takes no room. */
  @Test
  default void k8_whatIsGoneTakesNoRoom() {
    Rule.check(
        this,
        "K8",
        () -> {
          Stage stage = stage();
          ResponseCache cache = plugin().create(stage.context());
          PromptKey key = Requests.key(1);
          PromptKey other = Requests.key(2);
          long now = stage.requestTimeline().epochMillis();
          CachedAnswer answer = Answers.sized(64 << 10, now);
          long rounds = memoryBoundBytes() / answer.bytes() + 100;
          for (int i = 0; i < rounds; i++) {
            put(cache, stage, key, answer);
            put(cache, stage, key, answer);
            forget(cache, stage, key);
          }
          put(cache, stage, other, answer);
          require(
              get(cache, stage, other) != null,
              "an empty cache stores nothing after %d answers were stored and forgotten",
              2 * rounds);
        });
  }

  /** K9, optional: an answer does not stay for ever. */
  @Test
  default void k9_optional_answersExpire() {
    Rule.check(
        this,
        "K9",
        () -> {
          Stage stage = stage();
          ResponseCache cache = plugin().create(stage.context());
          CachedAnswer stored = Answers.of("the answer", stage.requestTimeline().epochMillis());
          put(cache, stage, Requests.key(1), stored);
          if (!(stage.context() instanceof TestContext virtual)) {
            Rule.skip("K9: 400 days do not pass in real time");
            return;
          }
          virtual.passSeconds(400 * 86_400L);
          require(get(cache, stage, Requests.key(1)) == null, "found after 400 days");
        });
  }

  /** K10: an answer is found for each request with its key. */
  @Test
  default void k10_anAnswerIsFoundForEachRequestWithItsKey() {
    Rule.check(
        this,
        "K10",
        () -> {
          Stage stage = stage();
          ResponseCache cache = plugin().create(stage.context());
          Call call = Call.root(stage.requestTimeline());
          InferenceRequest request = Requests.inference("one", call);
          InferenceRequest equal = Requests.inference("two", call);
          PromptKey key = Requests.key(1);
          CachedAnswer stored = Answers.of("the answer", stage.requestTimeline().epochMillis());
          done(stage, () -> cache.put(key, request, stored));
          CachedAnswer found = done(stage, () -> cache.get(key, equal));
          require(
              stored.equals(found),
              "stored %s for a request, found %s for another with its key",
              stored,
              found);
        });
  }

  /** K11: closing completes, twice too, and leaves nothing scheduled. */
  @Test
  default void k11_closingCompletesAndLeavesNothing() {
    Rule.check(
        this,
        "K11",
        () -> {
          Stage stage = stage();
          ResponseCache cache = plugin().create(stage.context());
          CachedAnswer stored = Answers.of("the answer", stage.requestTimeline().epochMillis());
          put(cache, stage, Requests.key(1), stored);
          done(stage, cache::close);
          done(stage, cache::close);
          int pending = stage.pending();
          require(pending == 0, "%d actions are scheduled after close() (expected: 0)", pending);
        });
  }
}
