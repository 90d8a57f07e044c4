package dev.forebay.servers;

/** What upstreams with OpenAI's API say, as it is on the wire. */
public final class Golden {

  /** A keep-alive. */
  public static final String WAIT = ": keep-alive\n\n";

  /** The role, before any content. */
  public static final String ROLE =
      "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\",\"reasoning_content\":null},\"finish_reason\":null}]}\n\n";

  /** A piece of reasoning. */
  public static final String THOUGHT =
      "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"Hmm, well: ü\"}}]}\n\n";

  /** A piece of content. */
  public static final String WORD =
      "data: {\"choices\":[{\"delta\":{\"content\":\" Hi\"},\"finish_reason\":null}]}\n\n";

  /** A call of a tool. */
  public static final String TOOL =
      "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\"}}]}}]}\n\n";

  /** The reason to stop. */
  public static final String FINISH =
      "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";

  /** The usage of DeepSeek. */
  public static final String USAGE =
      "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":7,\"total_tokens\":18,\"prompt_cache_hit_tokens\":5,\"prompt_cache_miss_tokens\":6,\"completion_tokens_details\":{\"reasoning_tokens\":3}}}\n\n";

  /** The last event. */
  public static final String DONE = "data: [DONE]\n\n";

  /** An error after the head. */
  public static final String ERROR =
      "data: {\"error\":{\"message\":\"overloaded, try later\",\"type\":\"server_error\"}}\n\n";

  /** The end of an answer that an overloaded upstream gave up. */
  public static final String OUT_OF_RESOURCES =
      "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"insufficient_system_resource\"}]}\n\n";

  /** A stream of all kinds of events. */
  public static final String STREAM = WAIT + ROLE + THOUGHT + WORD + TOOL + FINISH + USAGE + DONE;

  /** A whole answer. */
  public static final String WHOLE =
      "{\"id\":\"1\",\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"Hi there\"},\"finish_reason\":\"stop\"}],"
          + "\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":7,\"prompt_tokens_details\":{\"cached_tokens\":4}}}";

  /** As api.deepseek.com streams a thinking model, with keep-alives while it queues. */
  public static final String DEEPSEEK_STREAM =
      WAIT.repeat(3)
          + deepSeek(
              "{\"role\":\"assistant\",\"content\":null,\"reasoning_content\":\"\"}",
              "null",
              "null")
          + deepSeek("{\"content\":null,\"reasoning_content\":\"The user\"}", "null", "null")
          + deepSeek("{\"content\":null,\"reasoning_content\":\" greets.\"}", "null", "null")
          + deepSeek("{\"content\":\"你好\",\"reasoning_content\":null}", "null", "null")
          + deepSeek("{\"content\":\"!\",\"reasoning_content\":null}", "null", "null")
          + deepSeek("{\"content\":\"\",\"reasoning_content\":null}", "\"stop\"", "null")
          + USAGE
          + DONE;

  /** The usage of {@link #DEEPSEEK_WHOLE} and of {@link #USAGE}. */
  public static final String DEEPSEEK_USAGE =
      "{\"prompt_tokens\":11,\"completion_tokens\":7,\"total_tokens\":18,"
          + "\"prompt_cache_hit_tokens\":5,\"prompt_cache_miss_tokens\":6,"
          + "\"prompt_tokens_details\":{\"cached_tokens\":5},"
          + "\"completion_tokens_details\":{\"reasoning_tokens\":3}}";

  /** As api.deepseek.com answers whole. */
  public static final String DEEPSEEK_WHOLE =
      "{\"id\":\"e1b2\",\"object\":\"chat.completion\",\"created\":1795000000,"
          + "\"model\":\"deepseek-v4-pro\",\"choices\":[{\"index\":0,\"message\":{"
          + "\"role\":\"assistant\",\"content\":\"你好!\",\"reasoning_content\":\"The user greets.\"},"
          + "\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":"
          + DEEPSEEK_USAGE
          + ",\"system_fingerprint\":\"fp_1\"}";

  private Golden() {}

  private static String deepSeek(String delta, String finishReason, String usage) {
    return "data: {\"id\":\"e1b2\",\"object\":\"chat.completion.chunk\",\"created\":1795000000,"
        + "\"model\":\"deepseek-v4-pro\",\"system_fingerprint\":\"fp_1\",\"choices\":[{\"index\":0,"
        + "\"delta\":"
        + delta
        + ",\"logprobs\":null,\"finish_reason\":"
        + finishReason
        + "}],\"usage\":"
        + usage
        + "}\n\n";
  }
}
