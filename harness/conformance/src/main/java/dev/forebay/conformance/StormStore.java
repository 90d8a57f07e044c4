package dev.forebay.conformance;

import dev.forebay.spi.Named;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.jobs.JobLease;
import dev.forebay.spi.jobs.JobStore;
import dev.forebay.spi.options.Doc;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A store that writes down which jobs it says it has ended, a line for each: id, owner, epoch.
 *
 * @param of the store that does the work
 * @param file of the lines
 */
@Named("storm")
@Doc("Writes down which jobs another store has ended.")
record StormStore(
    @Doc("The store that does the work.") Plugin<JobStore> of,
    @Doc("Where the lines are written to.") String file)
    implements Plugin<JobStore> {

  @Override
  public JobStore create(PluginContext context) {
    JobStore inner = of.create(context);
    return (JobStore)
        Proxy.newProxyInstance(
            JobStore.class.getClassLoader(),
            new Class<?>[] {JobStore.class},
            (proxy, method, arguments) -> asked(inner, method, arguments));
  }

  private @Nullable Object asked(JobStore inner, Method method, Object[] arguments)
      throws Throwable {
    try {
      @Nullable Object answer = method.invoke(inner, arguments);
      if (method.getName().equals("finish") && answer instanceof Future<?> finished) {
        JobLease lease = (JobLease) arguments[0];
        return finished.onSuccess(held -> note(lease, held));
      }
      return answer;
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause();
      throw cause == null ? e : cause;
    }
  }

  private void note(JobLease lease, @Nullable Object held) {
    if (Boolean.TRUE.equals(held)) {
      String line = lease.id() + " " + lease.owner() + " " + lease.epoch() + "\n";
      try {
        Files.writeString(
            Path.of(file), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
