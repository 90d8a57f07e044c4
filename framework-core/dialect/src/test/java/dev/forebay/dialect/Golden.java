package dev.forebay.dialect;

/** What upstreams say, as it is on the wire. */
final class Golden {

  static final String WAIT = ": keep-alive\n\n";
  static final String ROLE =
      "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\",\"reasoning_content\":null},\"finish_reason\":null}]}\n\n";
  static final String THOUGHT =
      "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"Hmm, well: ü\"}}]}\n\n";
  static final String WORD =
      "data: {\"choices\":[{\"delta\":{\"content\":\" Hi\"},\"finish_reason\":null}]}\n\n";
  static final String TOOL =
      "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\"}}]}}]}\n\n";
  static final String FINISH =
      "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
  static final String USAGE =
      "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":7,\"total_tokens\":18,\"prompt_cache_hit_tokens\":5,\"prompt_cache_miss_tokens\":6,\"completion_tokens_details\":{\"reasoning_tokens\":3}}}\n\n";
  static final String DONE = "data: [DONE]\n\n";
  static final String ERROR =
      "data: {\"error\":{\"message\":\"overloaded, try later\",\"type\":\"server_error\"}}\n\n";
  static final String OUT_OF_RESOURCES =
      "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"insufficient_system_resource\"}]}\n\n";
  static final String STREAM = WAIT + ROLE + THOUGHT + WORD + TOOL + FINISH + USAGE + DONE;

  private Golden() {}
}
