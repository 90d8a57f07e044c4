package dev.forebay.tracing;

import dev.forebay.spi.Operation;
import dev.forebay.spi.RequestInfo;
import io.opentelemetry.api.common.AttributeKey;

/**
 * Names of spans and attributes. Those that begin with {@code gen_ai} are of the semantic
 * conventions for generative AI, version 0.1.0; {@code error.type} and {@code server} of the
 * general ones; {@code forebay} are our own.
 */
final class Names {

  static final AttributeKey<String> OPERATION = AttributeKey.stringKey("gen_ai.operation.name");
  static final AttributeKey<String> REQUEST_MODEL = AttributeKey.stringKey("gen_ai.request.model");
  static final AttributeKey<Long> INPUT_TOKENS = AttributeKey.longKey("gen_ai.usage.input_tokens");
  static final AttributeKey<Long> OUTPUT_TOKENS =
      AttributeKey.longKey("gen_ai.usage.output_tokens");
  static final AttributeKey<Long> CACHED_TOKENS =
      AttributeKey.longKey("gen_ai.usage.cache_read.input_tokens");
  static final AttributeKey<Long> REASONING_TOKENS =
      AttributeKey.longKey("gen_ai.usage.reasoning.output_tokens");
  static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");
  static final AttributeKey<String> SERVER = AttributeKey.stringKey("server.address");
  static final AttributeKey<Long> SERVER_PORT = AttributeKey.longKey("server.port");
  static final AttributeKey<String> REQUEST_ID = AttributeKey.stringKey("forebay.request.id");
  static final AttributeKey<String> TENANT = AttributeKey.stringKey("forebay.tenant");
  static final AttributeKey<Boolean> STREAM = AttributeKey.booleanKey("forebay.stream");
  static final AttributeKey<String> ENDPOINT = AttributeKey.stringKey("forebay.endpoint");
  static final AttributeKey<Long> ATTEMPT = AttributeKey.longKey("forebay.attempt");
  static final AttributeKey<String> CACHE = AttributeKey.stringKey("forebay.cache");
  static final AttributeKey<String> STATUS = AttributeKey.stringKey("forebay.status");

  /** In seconds; of the first chunk with content, as everywhere in Forebay. */
  static final AttributeKey<Double> FIRST_CONTENT =
      AttributeKey.doubleKey("gen_ai.response.time_to_first_chunk");

  /** Characters of a model in the name of a span: it comes from a caller. */
  private static final int LONGEST_MODEL = 100;

  private Names() {}

  /** The conventions' name of an operation. */
  static String operation(Operation operation) {
    return switch (operation) {
      case CHAT -> "chat";
      case COMPLETION -> "text_completion";
      case EMBEDDING -> "embeddings";
    };
  }

  /** The name of a span: operation and model. */
  static String span(RequestInfo info) {
    String model = info.model();
    return operation(info.operation())
        + ' '
        + (model.length() > LONGEST_MODEL ? model.substring(0, LONGEST_MODEL) : model);
  }
}
