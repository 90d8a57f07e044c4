package dev.forebay.examples.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * The README's pom.xml names what there is, in the versions of this build. {@code
 * examples/readme.sh} builds it in an empty folder.
 */
class ReadmeTest {

  private static final Pattern POM =
      Pattern.compile("<!-- pom -->\\n```xml\\n(.*?)```", Pattern.DOTALL);

  @Test
  void itsPomNamesModulesOfTheBom() throws Exception {
    String bom = Files.readString(QuotesTest.ROOT.resolve("bom/pom.xml"));
    List<String> modules = new ArrayList<>();
    for (Map<String, String> one : all("dependency")) {
      if ("dev.forebay".equals(one.get("groupId"))) {
        String artifact = String.valueOf(one.get("artifactId"));
        modules.add(artifact);
        assertTrue(bom.contains("<artifactId>" + artifact + "</artifactId>"), artifact);
      }
    }
    assertTrue(modules.contains("forebay-core"), modules.toString());
  }

  @Test
  void itsVersionsAreThoseOfTheBuild() throws Exception {
    String root = Files.readString(QuotesTest.ROOT.resolve("pom.xml"));
    for (Map<String, String> plugin : all("plugin")) {
      String artifact = plugin.get("artifactId");
      assertEquals(property(root, artifact + ".version"), plugin.get("version"), artifact);
    }
    for (Map<String, String> one : all("dependency")) {
      if ("slf4j-simple".equals(one.get("artifactId"))) {
        assertEquals(property(root, "slf4j.version"), one.get("version"));
      }
      if ("forebay-bom".equals(one.get("artifactId"))) {
        assertTrue(root.contains("<version>" + one.get("version") + "</version>"), root);
      }
    }
    assertEquals(
        property(root, "maven.compiler.release"),
        pom().getElementsByTagName("maven.compiler.release").item(0).getTextContent());
  }

  private static String property(String pom, String name) {
    Matcher value = Pattern.compile("<" + name + ">(.*?)</" + name + ">").matcher(pom);
    assertTrue(value.find(), name);
    return value.group(1);
  }

  /** The texts of the children of each element of a name. */
  private static List<Map<String, String>> all(String name) throws Exception {
    List<Map<String, String>> all = new ArrayList<>();
    NodeList found = pom().getElementsByTagName(name);
    for (int i = 0; i < found.getLength(); i++) {
      Map<String, String> texts = new LinkedHashMap<>();
      NodeList children = found.item(i).getChildNodes();
      for (int j = 0; j < children.getLength(); j++) {
        if (children.item(j) instanceof Element child) {
          texts.put(child.getTagName(), child.getTextContent());
        }
      }
      all.add(texts);
    }
    assertTrue(!all.isEmpty(), name);
    return all;
  }

  private static Document pom() throws Exception {
    Matcher pom = POM.matcher(Files.readString(QuotesTest.ROOT.resolve("README.md")));
    assertTrue(pom.find(), "README.md: no pom.xml");
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(pom.group(1).getBytes(StandardCharsets.UTF_8)));
  }
}
