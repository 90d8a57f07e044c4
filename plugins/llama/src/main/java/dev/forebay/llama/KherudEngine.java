package dev.forebay.llama;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaIterator;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.LlamaOutput;
import de.kherud.llama.ModelParameters;
import de.kherud.llama.args.PoolingType;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * llama.cpp by the JNI binding {@code de.kherud:llama} 4.2.0.
 *
 * <p>What was found about it, and shapes this class and its callers: a C++ exception in a call ends
 * the process, so everything that is passed must have been checked (a template that raises an
 * error, a JSON schema it does not know, a number that is NaN); asking for probabilities does so
 * always; a model cannot be freed safely while its thread waits, so none is ({@link Engines}); an
 * answer can be cancelled by the thread that reads it only, between two tokens; an embedding is
 * safe in the first slot only, and of the last token only (the mean ends the process).
 */
final class KherudEngine implements Engine {

  private final LlamaModel model;
  private final Turns turns = new Turns();
  private final Set<LlamaIterator> open = ConcurrentHashMap.newKeySet();
  private final Object embedding = new Object(); // held while one is computed
  private volatile boolean stopped; // set under open
  private volatile boolean gaveUp; // what is given up is computed a little longer

  private KherudEngine(LlamaModel model) {
    this.model = model;
  }

  /** Whether the native library can be loaded here. */
  static boolean available() {
    try {
      NativeLibrary.prepare();
      Class.forName("de.kherud.llama.LlamaModel");
      return true;
    } catch (ReflectiveOperationException | LinkageError e) {
      return false;
    }
  }

  /** Loads a model: seconds, for a large one. */
  static Engine load(Engines.Key key) {
    NativeLibrary.prepare();
    ModelParameters parameters =
        new ModelParameters()
            .setModel(key.path())
            .setCtxSize(key.context() * key.slots())
            .setParallel(key.slots())
            .setThreads(key.threads())
            .setThreadsBatch(key.threads())
            .setBatchSize(key.embeddings() ? key.context() : Math.max(key.batch(), key.slots()))
            .setUbatchSize(key.embeddings() ? key.context() : Math.max(key.batch(), key.slots()))
            .disableContextShift()
            .disableLog();
    if (key.flashAttention()) {
      parameters.enableFlashAttn();
    }
    if (!key.mmap()) {
      parameters.disableMmap();
    }
    if (key.mlock()) {
      parameters.enableMlock();
    }
    if (key.embeddings()) {
      parameters.enableEmbedding().setPoolingType(PoolingType.LAST);
    }
    return new KherudEngine(new LlamaModel(parameters));
  }

  @Override
  public String chat(List<Message> messages) {
    JsonArray list = new JsonArray();
    for (Message message : messages) {
      list.add(new JsonObject().put("role", message.role()).put("content", message.content()));
    }
    return model.applyTemplate(new JsonObject().put("messages", list).encode());
  }

  @Override
  public int tokens(String text) {
    return model.encode(text).length;
  }

  @Override
  public Generation generate(Task task) {
    LlamaIterator answer = begin(task);
    return new Generation() {
      private boolean begun; // the first token comes when the prompt has been read, not in turn

      @Override
      public @Nullable String next() {
        if (!answer.hasNext()) {
          open.remove(answer);
          return null;
        }
        LlamaOutput output = begun ? turns.read(answer::next) : answer.next();
        begun = true;
        // the empty one at the end says only that it is over
        if (answer.hasNext()) {
          return output.text;
        }
        open.remove(answer);
        return output.text.isEmpty() ? null : output.text;
      }

      @Override
      public void cancel() {
        open.remove(answer);
        giveUp(answer);
      }
    };
  }

  private LlamaIterator begin(Task task) {
    synchronized (open) {
      goOn();
      LlamaIterator answer = model.generate(parameters(task)).iterator();
      open.add(answer);
      return answer;
    }
  }

  private void goOn() {
    if (stopped) {
      throw new IllegalStateException("the process ends");
    }
  }

  private void giveUp(LlamaIterator answer) {
    gaveUp = true;
    answer.cancel();
  }

  @Override
  public void stop() {
    synchronized (open) {
      stopped = true;
      open.forEach(this::giveUp);
      open.clear();
    }
  }

  /** The engine takes what it is told in order: an answer of one token comes after all before. */
  @Override
  public void settle() {
    synchronized (embedding) {
      if (gaveUp) {
        gaveUp = false;
        LlamaIterator last =
            model.generate(parameters(new Task("a", 1, false, Sampling.DEFAULT))).iterator();
        while (last.hasNext()) {
          last.next();
        }
      }
    }
  }

  @Override
  public float[] embed(String text) {
    synchronized (embedding) {
      goOn();
      return model.embed(text);
    }
  }

  private static InferenceParameters parameters(Task task) {
    Sampling sampling = task.sampling();
    InferenceParameters parameters =
        new InferenceParameters(task.prompt())
            .setNPredict(task.maxTokens())
            .setCachePrompt(task.reusePrefix());
    if (sampling.temperature() != null) {
      parameters.setTemperature(sampling.temperature());
    }
    if (sampling.topP() != null) {
      parameters.setTopP(sampling.topP());
    }
    if (sampling.minP() != null) {
      parameters.setMinP(sampling.minP());
    }
    if (sampling.topK() != null) {
      parameters.setTopK(sampling.topK());
    }
    if (sampling.seed() != null) {
      parameters.setSeed(sampling.seed());
    }
    if (sampling.frequencyPenalty() != null) {
      parameters.setFrequencyPenalty(sampling.frequencyPenalty());
    }
    if (sampling.presencePenalty() != null) {
      parameters.setPresencePenalty(sampling.presencePenalty());
    }
    if (!sampling.stop().isEmpty()) {
      parameters.setStopStrings(sampling.stop().toArray(new String[0]));
    }
    if (sampling.grammar() != null) {
      parameters.setGrammar(sampling.grammar());
    }
    if (!sampling.bias().isEmpty()) {
      parameters.setTokenIdBias(sampling.bias());
    }
    return parameters;
  }
}
