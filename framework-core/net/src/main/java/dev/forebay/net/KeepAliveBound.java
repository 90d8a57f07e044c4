package dev.forebay.net;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Closes an idle connection before its upstream does.
 *
 * <p>Vert.x keeps an idle connection for as long as the upstream's {@code Keep-Alive: timeout=N}
 * says, in place of the time that is configured; so a request may meet the upstream's close on its
 * way. Here the shorter of both counts, and of the upstream's one second is taken off.
 */
final class KeepAliveBound extends ChannelInboundHandlerAdapter {

  private static final String NAME = "keep-alive";

  private static final Pattern TIMEOUT =
      Pattern.compile("(?i)(?:^|,)\\s*timeout\\s*=\\s*\"?(\\d{1,9})");

  private final long mostSeconds;

  KeepAliveBound(Duration most) {
    this.mostSeconds = Math.max(1, most.toSeconds());
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpResponse response) {
      String told = response.headers().get(NAME);
      if (told != null) {
        bound(response, told);
      }
    }
    context.fireChannelRead(message);
  }

  private void bound(HttpResponse response, String told) {
    Matcher timeout = TIMEOUT.matcher(told);
    long seconds =
        timeout.find() ? Math.min(mostSeconds, Long.parseLong(timeout.group(1)) - 1) : mostSeconds;
    response.headers().set(NAME, "timeout=" + Math.max(1, seconds));
    if (seconds < 1) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
  }
}
