package dev.forebay.openai;

import java.util.List;

/** A provider whose address and models are known. */
public enum Preset {
  /** The DeepSeek API (api-docs.deepseek.com, read in November 2026). */
  DEEPSEEK("https://api.deepseek.com");

  private final String url;

  Preset(String url) {
    this.url = url;
  }

  /** The root of its API. */
  public String url() {
    return url;
  }

  /** The models that it offers. */
  public List<String> models() {
    return switch (this) {
      case DEEPSEEK -> List.of("deepseek-flash", "deepseek-v4-pro");
    };
  }
}
