package dev.forebay.edge.tls;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the files of TLS again when they have changed: new connections then see the new
 * certificate, those that are open go on. Files that are wrong change nothing, and are logged once:
 * whoever replaces a pair of files does so one after the other.
 */
final class TlsReload {

  private static final Logger LOG = LoggerFactory.getLogger(TlsReload.class);

  private final Vertx vertx;
  private final HttpServer server;
  private TlsFiles used;
  private @Nullable String complaint;
  private boolean looking;

  private TlsReload(Vertx vertx, HttpServer server, TlsFiles used) {
    this.vertx = vertx;
    this.server = server;
    this.used = used;
  }

  /** Looks from now on, on the caller's context, until the deployment that asked is gone. */
  static void start(Vertx vertx, HttpServer server, TlsFiles used) {
    TlsReload reload = new TlsReload(vertx, server, used);
    vertx.setPeriodic(Math.max(1, used.options().reload().toMillis()), tick -> reload.look());
  }

  private void look() {
    if (!looking) {
      looking = true;
      vertx
          .executeBlocking(() -> TlsFiles.read(used.options(), vertx), false)
          .compose(this::use)
          .onComplete((done, thrown) -> looked(thrown));
    }
  }

  private Future<Void> use(TlsFiles read) {
    if (read.sameAs(used)) {
      return Future.succeededFuture();
    }
    return server
        .updateSSLOptions(read.serverOptions(), true)
        .map(
            updated -> {
              used = read;
              LOG.info("TLS: the certificate {} was read again", read.options().certificate());
              return null;
            });
  }

  private void looked(@Nullable Throwable thrown) {
    looking = false;
    String said = thrown == null ? null : String.valueOf(thrown.getMessage());
    if (said != null && !said.equals(complaint)) {
      LOG.error("TLS: the former certificate stays in use: {}", said);
    }
    complaint = said;
  }
}
