package dev.forebay.accesslog;

import dev.forebay.conformance.FilterContract;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.AfterAll;

/** The stage as it is with a network, so that it does note what the contract sends. */
class AccessLogContractTest implements FilterContract {

  private static final Vertx VERTX = Vertx.vertx();

  @AfterAll
  static void close() {
    VERTX.close();
  }

  @Override
  public Plugin<Filter> plugin() {
    return AccessLog.defaults();
  }

  @Override
  public TestContext lend(TestContext context) {
    return context.lend(Vertx.class, VERTX);
  }
}
