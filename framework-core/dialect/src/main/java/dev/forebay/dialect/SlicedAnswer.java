package dev.forebay.dialect;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.async.ByteArrayFeeder;
import java.io.IOException;

/** An answer, or a large event, that is read piece by piece. */
final class SlicedAnswer {

  private final JsonParser json;
  private final ByteArrayFeeder feeder;
  private final Answer answer;
  private long tokens;

  /** One that tells what it says of choices. */
  SlicedAnswer(Choices choices) {
    try {
      json = JsonSource.ANSWERS.createNonBlockingByteArrayParser();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    feeder = (ByteArrayFeeder) json.getNonBlockingInputFeeder();
    answer = new Answer(json, choices);
  }

  /**
   * Reads the next bytes.
   *
   * @param from the first of them
   * @param to the one after the last
   * @throws IOException if it is no JSON object
   */
  void read(byte[] bytes, int from, int to) throws IOException {
    feeder.feedInput(bytes, from, to);
    JsonToken token = json.nextToken();
    while (token != null && token != JsonToken.NOT_AVAILABLE) {
      tokens++;
      answer.take(token);
      token = json.nextToken();
    }
  }

  /** What has been read. */
  Answer answer() {
    return answer;
  }

  /** Names, values and brackets that have been read. */
  long tokens() {
    return tokens;
  }

  /** Gives the parser's memory back. */
  void close() {
    feeder.endOfInput();
    try {
      json.close();
    } catch (IOException e) {
      // there is nothing under it that could fail
    }
  }
}
