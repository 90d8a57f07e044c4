package dev.forebay.replay.live;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a live comparison is run.
 *
 * @param program main class of the command line; its {@code serve} and {@code live-upstream} run in
 *     processes of their own, on the class path of this one
 * @param requests of the trace at most
 * @param duration arrivals until then only, from the first
 * @param warmUp how long traffic comes before that does not count
 * @param upstream URL of a real upstream; null for emulators of the scenario's servers
 * @param model that every request asks for; null for that of the trace
 * @param plugins a folder of plugin jars; null for none
 * @param keep a folder for the results of each request; null if nobody wants them
 */
public record LiveOptions(
    String program,
    int requests,
    Duration duration,
    Duration warmUp,
    @Nullable String upstream,
    @Nullable String model,
    @Nullable Path plugins,
    @Nullable Path keep) {}
