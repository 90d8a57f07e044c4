package dev.forebay.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.Spec.Numbered;
import dev.forebay.spi.Status;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The document and the contracts say the same. */
class SpecTest {

  @Test
  void everyRuleHasOneContractMethodAndTheOtherWayRound() {
    Map<String, List<String>> methods = new TreeMap<>();
    Spec.KINDS.forEach(
        (letter, kind) -> {
          for (Method method : Spec.ownTests(kind.contract())) {
            String rule = Spec.ruleOf(method.getName());
            assertTrue(rule.startsWith(letter), method + " (expected: a rule of " + letter + ")");
            methods.computeIfAbsent(rule, id -> new ArrayList<>()).add(method.getName());
          }
        });
    Map<String, String> rules = new TreeMap<>();
    for (Numbered rule : Spec.rules()) {
      assertFalse(rules.containsKey(rule.id()), rule.id() + " is there twice");
      rules.put(rule.id(), rule.text());
    }
    assertEquals(rules.keySet(), methods.keySet());
    methods.forEach((rule, names) -> assertEquals(1, names.size(), rule + ": " + names));
    assertTrue(rules.size() > 50, "docs/spec.md was not understood");
  }

  @Test
  void namesOfMethodsSayHowBindingTheirRuleIs() {
    Map<String, String> names = new TreeMap<>();
    Spec.KINDS
        .values()
        .forEach(
            kind ->
                Spec.ownTests(kind.contract())
                    .forEach(method -> names.put(Spec.ruleOf(method.getName()), method.getName())));
    for (Numbered rule : Spec.rules()) {
      String name = String.valueOf(names.get(rule.id()));
      assertEquals(rule.force().equals("optional"), name.contains("_optional_"), name);
      assertEquals(rule.force().equals("stochastic"), name.contains("_stochastic_"), name);
    }
  }

  @Test
  void theTableOfContractsNamesEach() {
    Spec.KINDS.forEach(
        (letter, kind) -> {
          String row = "`%s`[^|]*\\| %s \\|".formatted(kind.contract().getSimpleName(), letter);
          assertTrue(
              Pattern.compile(row).matcher(Spec.text()).find(), "docs/spec.md lacks: " + row);
        });
  }

  @Test
  void theOutcomeTableIsThatOfTheKernel() {
    String text = Spec.text();
    for (Status status : Status.values()) {
      String row =
          "| `%s` | %s | %s | %s |"
              .formatted(
                  status,
                  status.retryable() ? "yes" : "no",
                  status.unhealthy() ? "counts" : "unaffected",
                  switch (status.signal()) {
                    case SAMPLE -> "sample";
                    case CONGESTION -> "congestion";
                    case IGNORE -> "ignored";
                  });
      assertTrue(text.contains(row), "docs/spec.md lacks: " + row);
    }
  }
}
