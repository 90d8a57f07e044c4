package dev.forebay.llama;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Loads the models whose paths it reads from its input, as the backend does, and asks each: for a
 * process of its own, which a native crash may end. Its answers are lines that begin with
 * {@code @}.
 */
final class LoadMain {

  private LoadMain() {}

  public static void main(String[] arguments) throws IOException {
    BufferedReader paths =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String path = paths.readLine(); path != null; path = paths.readLine()) {
      System.out.println("@" + said(path).replace('\n', '|'));
    }
    System.out.flush();
    Runtime.getRuntime().halt(0); // the engines' threads would keep it alive
  }

  private static String said(String path) {
    try {
      Llama options = Llama.of("local", path).withSlots(1).withContext(64).withQueue(1);
      Engine engine = KherudEngine.load(Engines.Key.of(options, Llama.read(path)));
      ask(engine, engine.chat(List.of(new Engine.Message("user", "a b\u00e9\u4f60\ud83d\ude00"))));
      ask(engine, "");
      return "loaded";
    } catch (IllegalArgumentException e) {
      return "refused " + e.getMessage();
    } catch (RuntimeException e) {
      return "failed " + e;
    }
  }

  private static void ask(Engine engine, String prompt) {
    if (engine.tokens(prompt) >= 60) {
      return; // the backend refuses it
    }
    Engine.Generation answer =
        engine.generate(new Engine.Task(prompt, 3, true, Engine.Sampling.DEFAULT));
    String piece = answer.next();
    while (piece != null) {
      piece = answer.next();
    }
  }
}
