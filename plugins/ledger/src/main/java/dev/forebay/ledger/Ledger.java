package dev.forebay.ledger;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.host.CallerKeys;
import dev.forebay.spi.host.RequestWatcher;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.http.HttpRoutes;
import dev.forebay.spi.ledger.UsageLedger;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records what each request used, and holds callers to their budgets. Requests never wait for the
 * store: their records wait in an outbox, and budgets are held by what the store granted before.
 *
 * @param store what keeps records, keys and budgets
 * @param gateway the name of this gateway in the store's list of grants; each start without notes
 *     in a folder spends on an account of its own, so two gateways of one name are not in each
 *     other's way
 * @param keys whether callers need a key: one of the store, or one of the document
 * @param knownFirst whether requests are refused (503) until keys and budgets have been read once,
 *     from the store or from the folder; else budgets hold nobody until then
 * @param failures whether requests that used nothing are recorded, such as refused ones
 * @param refresh how often keys and budgets are read
 * @param outbox the place in which records wait for the store
 */
@RecordBuilder
@Doc("Records what each request used; keys and budgets that change while the gateway runs.")
public record Ledger(
    @Doc("What keeps records, keys and budgets.") @Default("memory-ledger")
        Plugin<UsageLedger> store,
    @Doc("The name of this gateway in the store's list of grants.") @Default("gateway")
        String gateway,
    @Doc("Whether callers need a key: one that was issued, or one of the document.")
        @Default("false")
        boolean keys,
    @Doc("Whether requests are refused until keys and budgets have been read once.")
        @Default("true")
        boolean knownFirst,
    @Doc("Whether requests that used nothing are recorded, such as refused ones.") @Default("true")
        boolean failures,
    @Doc("How often keys and budgets are read: a revoked key is refused after this time.")
        @Default("500ms")
        @Range(min = 0.05, max = 60)
        Duration refresh,
    @Doc("Where records wait for the store.") @Default("{}") OutboxOptions outbox)
    implements Plugin<Section>, LedgerBuilder.With {

  /**
   * Where records wait for the store.
   *
   * @param maxRecords records that wait in memory; beyond, the oldest are dropped or, if there is a
   *     folder, wait there only
   * @param batch records that go to the store together
   * @param every a record goes to the store, and into the folder, after this time at the latest
   * @param folder a folder in which records wait as files, and so outlive the process; empty for
   *     none
   * @param maxBytes of all files of the folder; beyond, the oldest records are dropped
   */
  @Doc("Where records wait for the store.")
  public record OutboxOptions(
      @Doc("Records that wait in memory; beyond, the oldest are dropped, or in the folder only.")
          @Default("100000")
          @Range(min = 1, max = 10_000_000)
          @Unit("records")
          int maxRecords,
      @Doc("Records that go to the store together.")
          @Default("500")
          @Range(min = 1, max = UsageLedger.MOST_AT_ONCE)
          @Unit("records")
          int batch,
      @Doc("A record goes to the store, and into the folder, after this time at the latest.")
          @Default("200ms")
          @Range(min = 0.01, max = 60)
          Duration every,
      @Doc("A folder of this gateway's own, in which records outlive it; empty for none.")
          @Default("")
          String folder,
      @Doc("Bound on the files of the folder; beyond, the oldest records are dropped.")
          @Default("256MiB")
          @Range(min = 65_536, max = 1L << 40)
          @Unit("bytes")
          long maxBytes) {}

  /** Checks. */
  public Ledger {
    if (!gateway.matches("[\\w.:-]{1,40}")) {
      throw new IllegalArgumentException(
          "gateway: " + gateway + " (expected: 1 to 40 letters, digits, ., :, _ and -)");
    }
  }

  /** In a store, with everything else at its default. */
  public static Ledger in(Plugin<UsageLedger> store) {
    return Options.defaults(Ledger.class, Map.entry("store", store));
  }

  /** With records that outlive the process in a folder. */
  public Ledger withFolder(String folder) {
    return withOutbox(
        new OutboxOptions(
            outbox.maxRecords(), outbox.batch(), outbox.every(), folder, outbox.maxBytes()));
  }

  @Override
  public Section create(PluginContext context) {
    LedgerSection section = new LedgerSection(this, context.create(store), context, files(context));
    context
        .resource(RequestWatcher.Watchers.class)
        .orElseThrow(() -> new IllegalArgumentException("there is no gateway here"))
        .add(section);
    if (keys) {
      context.resource(CallerKeys.Place.class).ifPresent(place -> place.add(section));
    }
    context.resource(HttpRoutes.class).ifPresent(routes -> new LedgerRoutes(section).add(routes));
    return section;
  }

  /** In a replay there are no files. */
  private @Nullable OutboxFiles files(PluginContext context) {
    Vertx vertx = outbox.folder().isEmpty() ? null : context.resource(Vertx.class).orElse(null);
    return vertx == null
        ? null
        : new OutboxFiles(
            new Journal(Path.of(outbox.folder())),
            Worker.of(vertx, context.timeline()),
            context.timeline(),
            context.counter("file_errors"));
  }
}
