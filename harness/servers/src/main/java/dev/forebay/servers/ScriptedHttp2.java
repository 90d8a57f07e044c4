package dev.forebay.servers;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.DefaultHttp2SettingsFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Frame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2FrameStreamException;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An HTTP/2 server without TLS whose frames are written one by one, on one event loop. */
public final class ScriptedHttp2 implements AutoCloseable {

  private static final int MOST_BYTES = 1 << 20;

  private final List<Peer> peers = new CopyOnWriteArrayList<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger goAways = new AtomicInteger();
  private final AtomicInteger resets = new AtomicInteger();
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Channel listening;

  /**
   * Listens on a free port.
   *
   * @param settings of each connection
   * @param script for each request
   */
  public ScriptedHttp2(Http2Settings settings, Script script) {
    listening =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    Peer peer = new Peer(channel, peers.size(), script);
                    peers.add(peer);
                    channel.pipeline().addLast(codec(settings), peer);
                  }
                })
            .bind("localhost", 0)
            .syncUninterruptibly()
            .channel();
  }

  /** Without the limits of a server: clients reset streams as often as they like. */
  private static Http2FrameCodec codec(Http2Settings settings) {
    return Http2FrameCodecBuilder.forServer()
        .initialSettings(new Http2Settings().copyFrom(settings))
        .decoderEnforceMaxRstFramesPerWindow(0, 0)
        .encoderEnforceMaxRstFramesPerWindow(0, 0)
        .build();
  }

  /** Where clients connect. */
  public int port() {
    return ((InetSocketAddress) listening.localAddress()).getPort();
  }

  /** Connections so far, also those that are closed. */
  public List<Peer> peers() {
    return peers;
  }

  /** Requests that came as a whole. */
  public int asked() {
    return asked.get();
  }

  /** GOAWAY frames that came. */
  public int goAways() {
    return goAways.get();
  }

  /** RST_STREAM frames that came. */
  public int resets() {
    return resets.get();
  }

  @Override
  public void close() {
    loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** What to do with a request. */
  @FunctionalInterface
  public interface Script {

    /** The whole request has come. Runs on the event loop. */
    void asked(Peer peer, Http2FrameStream stream, String body);
  }

  /** One connection. */
  public final class Peer extends SimpleChannelInboundHandler<Http2Frame> {

    private final Channel channel;
    private final int number;
    private final Script script;
    private final Map<Http2FrameStream, StringBuilder> bodies = new HashMap<>();
    private volatile Http2Settings theirs = new Http2Settings();

    private Peer(Channel channel, int number, Script script) {
      this.channel = channel;
      this.number = number;
      this.script = script;
    }

    /** From 0, in the order in which they were accepted. */
    public int number() {
      return number;
    }

    /** What the client has set; empty before that. */
    public Http2Settings theirs() {
      return theirs;
    }

    /** Whether it is connected. */
    public boolean isOpen() {
      return channel.isActive();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, Http2Frame frame) {
      if (frame instanceof Http2HeadersFrame head) {
        bodies.put(head.stream(), new StringBuilder());
        ask(head.stream(), head.isEndStream());
      } else if (frame instanceof Http2DataFrame data) {
        read(context, data);
      } else if (frame instanceof Http2SettingsFrame set) {
        theirs = set.settings();
      } else if (frame instanceof Http2GoAwayFrame) {
        goAways.incrementAndGet();
      } else if (frame instanceof Http2ResetFrame reset) {
        bodies.remove(reset.stream());
        resets.incrementAndGet();
      }
    }

    private void read(ChannelHandlerContext context, Http2DataFrame data) {
      StringBuilder body = bodies.get(data.stream());
      if (body != null && body.length() < MOST_BYTES) {
        body.append(data.content().toString(StandardCharsets.UTF_8));
      }
      int bytes = data.initialFlowControlledBytes();
      context.write(new DefaultHttp2WindowUpdateFrame(bytes).stream(data.stream()));
      ask(data.stream(), data.isEndStream());
    }

    private void ask(Http2FrameStream stream, boolean end) {
      StringBuilder body = end ? bodies.remove(stream) : null;
      if (body != null) {
        asked.incrementAndGet();
        script.asked(this, stream, body.toString());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable broken) {
      if (!(broken instanceof Http2FrameStreamException)) {
        context.close();
      }
    }

    /** Writes the head of an answer. */
    public void head(Http2FrameStream stream, String contentType) {
      Http2Headers headers = new DefaultHttp2Headers().status("200");
      write(new DefaultHttp2HeadersFrame(headers.set("content-type", contentType)).stream(stream));
    }

    /** Writes a head as it is given. */
    public void head(Http2FrameStream stream, Http2Headers headers, boolean end) {
      write(new DefaultHttp2HeadersFrame(headers, end).stream(stream));
    }

    /** Writes a piece of an answer. */
    public void data(Http2FrameStream stream, String text, boolean end) {
      ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
      write(new DefaultHttp2DataFrame(bytes, end).stream(stream));
    }

    /** Writes a whole answer that tells the number of the connection. */
    public void answer(Http2FrameStream stream) {
      head(stream, "text/plain");
      data(stream, "from " + number, true);
    }

    /** Ends a stream. */
    public void reset(Http2FrameStream stream, Http2Error error) {
      write(new DefaultHttp2ResetFrame(error).stream(stream));
    }

    /** Tells that streams above the last are not processed. */
    public void goAway(int last) {
      channel.eventLoop().execute(() -> writeGoAway(last));
    }

    /**
     * Ends gracefully (RFC 9113, section 6.8): what is on its way is served, what follows is not.
     */
    public void goAway(long graceMillis) {
      goAway(Integer.MAX_VALUE);
      after(graceMillis, () -> writeGoAway(codec().connection().remote().lastStreamCreated()));
    }

    private void writeGoAway(int last) {
      if (!isOpen()) {
        return;
      }
      ChannelHandlerContext context = channel.pipeline().context(codec());
      ByteBuf none = Unpooled.EMPTY_BUFFER;
      long code = Http2Error.NO_ERROR.code();
      codec().encoder().writeGoAway(context, last, code, none, context.newPromise());
      context.flush();
    }

    private Http2FrameCodec codec() {
      return channel.pipeline().get(Http2FrameCodec.class);
    }

    /** Changes the settings. */
    public void settings(Http2Settings settings) {
      write(new DefaultHttp2SettingsFrame(settings));
    }

    /** Does something later, unless the connection is closed then. */
    public void after(long millis, Runnable action) {
      channel
          .eventLoop()
          .schedule(
              () -> {
                if (channel.isActive()) {
                  action.run();
                }
              },
              millis,
              TimeUnit.MILLISECONDS);
    }

    /** Closes the connection, without a GOAWAY. */
    public void close() {
      channel.eventLoop().execute(() -> channel.unsafe().close(channel.voidPromise()));
    }

    private void write(Object frame) {
      channel.writeAndFlush(frame);
    }
  }
}
