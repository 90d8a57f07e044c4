package dev.forebay.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Channels of one event loop; a turn is a task on it, and what follows it the next one. */
class FlushConsolidationTest {

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
  private final EventLoop loop = loops.next();
  private final LocalAddress address = new LocalAddress(FlushConsolidationTest.class);

  @BeforeEach
  void listen() throws Exception {
    new ServerBootstrap()
        .group(loops)
        .channel(LocalServerChannel.class)
        .childHandler(new Plain())
        .bind(address)
        .sync();
  }

  @AfterEach
  void stop() throws Exception {
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  @Test
  void whatATurnWritesGoesOutAtItsEnd() throws Exception {
    Line a = new Line();
    Line b = new Line();
    onLoop(
        () -> {
          a.write("a1");
          b.write("b1");
          a.write("a2");
          assertEquals(0, a.flushes);
          assertEquals(0, b.flushes);
        });
    onLoop(
        () -> {
          assertEquals(1, a.flushes);
          assertEquals(1, b.flushes);
        });
    onLoop(() -> a.write("a3"));
    onLoop(
        () -> {
          assertEquals(2, a.flushes);
          assertEquals(1, b.flushes);
        });
  }

  @Test
  void whenTooManyWaitAllGoOut() throws Exception {
    List<Line> lines = new ArrayList<>();
    for (int i = 0; i < FlushConsolidation.MOST_WAITING; i++) {
      lines.add(new Line());
    }
    Line last = lines.removeLast();
    onLoop(
        () -> {
          lines.forEach(line -> line.write("m"));
          lines.forEach(line -> assertEquals(0, line.flushes));
          last.write("one too many");
          lines.forEach(line -> assertEquals(1, line.flushes));
          assertEquals(1, last.flushes);
          last.write("waits again");
          assertEquals(1, last.flushes);
        });
    onLoop(
        () -> {
          lines.forEach(line -> assertEquals(1, line.flushes));
          assertEquals(2, last.flushes);
        });
  }

  @Test
  void closingFlushesWhatWaits() throws Exception {
    Line line = new Line();
    onLoop(
        () -> {
          line.write("last words");
          line.channel.close();
          assertEquals(List.of("flush", "close"), line.seen);
        });
    onLoop(() -> assertEquals(List.of("flush", "close"), line.seen));
  }

  @Test
  void disconnectingFlushesWhatWaits() throws Exception {
    Line line = new Line();
    onLoop(
        () -> {
          line.write("last words");
          line.channel.disconnect();
          assertEquals("flush", line.seen.getFirst());
          assertEquals(1, line.flushes);
        });
  }

  @Test
  void aChannelWithoutRoomIsFlushedAtOnce() throws Exception {
    Line line = new Line();
    onLoop(
        () -> {
          line.channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 2));
          line.write("a long text");
          assertEquals(1, line.flushes);
        });
    onLoop(() -> assertEquals(1, line.flushes));
  }

  @Test
  void whatIsWrittenUponAFlushGoesOutWithALaterTurn() throws Exception {
    Line line = new Line();
    onLoop(
        () ->
            line.channel
                .writeAndFlush(Line.bytes("first"))
                .addListener(sent -> line.write("second")));
    onLoop(() -> {});
    onLoop(() -> assertEquals(2, line.flushes));
  }

  @Test
  void manyWritesUponFlushesAllGoOut() throws Exception {
    List<Line> lines = new ArrayList<>();
    for (int i = 0; i < 3 * FlushConsolidation.MOST_WAITING; i++) {
      lines.add(new Line());
    }
    onLoop(
        () -> {
          for (Line line : lines) {
            line.channel
                .writeAndFlush(Line.bytes("first"))
                .addListener(sent -> lines.forEach(other -> other.write("more")));
          }
        });
    for (int i = 0; i < 5; i++) {
      onLoop(() -> {});
    }
    onLoop(
        () -> {
          for (Line line : lines) {
            assertEquals(lines.size(), line.written); // and "first"
            assertTrue(line.flushes >= 2, "flushes");
            assertEquals(0, line.channel.unsafe().outboundBuffer().totalPendingWriteBytes());
          }
        });
  }

  @Test
  void aHandlerThatIsTakenOutFlushesWhatWaits() throws Exception {
    Line line = new Line();
    onLoop(
        () -> {
          line.write("waits");
          line.channel.pipeline().remove(DeferredFlush.class);
          assertEquals(1, line.flushes);
          line.write("at once");
          assertEquals(2, line.flushes);
        });
    onLoop(() -> assertEquals(2, line.flushes));
  }

  @Test
  void aLoopThatShutsDownSendsAtOnce() throws Exception {
    Line line = new Line();
    onLoop(
        () -> {
          loops.shutdownGracefully(0, 5, TimeUnit.SECONDS);
          assertFalse(line.flushes > 0);
          line.write("at once");
          assertEquals(1, line.flushes);
        });
  }

  private void onLoop(Runnable turn) throws Exception {
    Callable<Void> task =
        () -> {
          turn.run();
          return null;
        };
    loop.submit(task).get(10, TimeUnit.SECONDS);
  }

  private static final class Plain extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {}
  }

  /** A connected channel, and what reaches its socket. */
  private final class Line extends ChannelOutboundHandlerAdapter {
    private final Channel channel;
    private final List<String> seen = new ArrayList<>();
    private int flushes;
    private int written;

    Line() throws Exception {
      channel =
          new Bootstrap()
              .group(loops)
              .channel(LocalChannel.class)
              .handler(new Plain())
              .connect(address)
              .sync()
              .channel();
      onLoop(
          () -> {
            FlushConsolidation.on(channel.pipeline());
            channel.pipeline().addFirst(this);
          });
    }

    void write(String text) {
      written++;
      channel.writeAndFlush(bytes(text));
    }

    static Object bytes(String text) {
      return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    @Override
    public void flush(ChannelHandlerContext context) {
      flushes++;
      seen.add("flush");
      context.flush();
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
      seen.add("close");
      context.close(promise);
    }
  }
}
