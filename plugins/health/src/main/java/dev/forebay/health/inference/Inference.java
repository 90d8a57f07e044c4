package dev.forebay.health.inference;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.policy.HealthProbe;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Map;

/**
 * Asks an endpoint's model for one token: the only probe that shows that it still infers.
 *
 * @param model to ask for
 * @param prompt what to ask
 */
@RecordBuilder
@Doc("Asks the endpoint's model for one token. It costs as much as it says, each time.")
public record Inference(
    @Doc("model to ask for") String model,
    @Doc("what to ask; a short text") @Default("ping") String prompt)
    implements Plugin<HealthProbe>, InferenceBuilder.With {

  /** Checks that they are there. */
  public Inference {
    if (model.isBlank() || prompt.isBlank()) {
      throw new IllegalArgumentException("model, prompt: blank (expected: a text)");
    }
  }

  /** The probe with a model. */
  public static Inference model(String model) {
    return Options.defaults(Inference.class, Map.entry("model", model));
  }

  @Override
  public HealthProbe create(PluginContext context) {
    return new InferenceProbe(this, context.name());
  }
}
