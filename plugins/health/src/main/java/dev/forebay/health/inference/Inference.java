package dev.forebay.health.inference;

import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.HealthProbe;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;

/** Asks an endpoint's model for one token: the only probe that shows that it still infers. */
public final class Inference implements Provider<HealthProbe, Inference.Options> {

  /**
   * Options.
   *
   * @param model to ask for
   * @param prompt what to ask
   */
  @Doc("Asks the endpoint's model for one token. It costs as much as it says, each time.")
  public record Options(
      @Doc("model to ask for") String model,
      @Doc("what to ask; a short text") @Default("ping") String prompt) {

    /** Checks that they are there. */
    public Options {
      if (model.isBlank() || prompt.isBlank()) {
        throw new IllegalArgumentException("model, prompt: blank (expected: a text)");
      }
    }
  }

  /** The probe with a model. */
  public static Plugin<HealthProbe> model(String model) {
    return Plugin.of(new Inference(), new Options(model, "ping"));
  }

  @Override
  public Class<HealthProbe> kind() {
    return HealthProbe.class;
  }

  @Override
  public String name() {
    return "inference";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public HealthProbe create(Options options, PluginContext context) {
    return new InferenceProbe(options, context.name());
  }
}
