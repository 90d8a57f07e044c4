package dev.forebay.edge.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.edge.http.EdgeOptions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hashes of keys, with a secret and without. */
class KeyHashTest {

  private static final String SECRET = "sixteen bytes at least";

  @Test
  void aHashIsWhatOthersMakeToo() {
    // echo -n sk-one | sha256sum; echo -n sk-one | openssl dgst -sha256 -hmac "$SECRET"
    assertEquals(SHA256, KeyHash.of("sk-one", null).toString());
    assertEquals(HMAC, KeyHash.of("sk-one", SECRET).toString());
    assertEquals(HMAC, KeyHash.parse(HMAC).toString());
  }

  @Test
  void keysAreFoundByEitherHash() {
    Keys keys =
        Keys.of(
            List.of(hashed("a", SHA256), hashed("b", KeyHash.of("sk-two", SECRET).toString())),
            EdgeOptions.DEFAULTS::priority,
            SECRET);
    assertEquals("a", id(keys, "sk-one"));
    assertEquals("b", id(keys, "sk-two"));
    assertEquals("nobody", id(keys, "sk-three"));
    assertEquals("nobody", id(keys, SHA256));
    assertEquals("nobody", id(keys, ""));
  }

  @Test
  void aHashWithASecretIsWorthNothingWithoutIt() {
    List<KeyOptions> keyed = List.of(hashed("a", HMAC));
    IllegalArgumentException missing =
        assertThrows(
            IllegalArgumentException.class,
            () -> Keys.of(keyed, EdgeOptions.DEFAULTS::priority, null));
    assertTrue(String.valueOf(missing.getMessage()).contains("key-hash-secret"));
    Keys wrong = Keys.of(keyed, EdgeOptions.DEFAULTS::priority, SECRET + " but another");
    assertEquals("nobody", id(wrong, "sk-one"));
    assertThrows(
        IllegalArgumentException.class,
        () -> Keys.of(keyed, EdgeOptions.DEFAULTS::priority, "too short"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "sk-one", "sha256:", "sha256:abc", "md5:00", "hmac-sha256:zz"})
  void whatIsNoHashIsRefusedAndNotRepeated(String text) {
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> hashed("a", text));
    String message = String.valueOf(thrown.getMessage());
    assertTrue(message.startsWith("hash: *** (expected: sha256: or hmac-sha256:"), message);
    assertFalse(message.contains("sk-one"), message);
  }

  @Test
  void oneKeyInTwoFormsIsThereTwice() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            Keys.of(
                List.of(hashed("a", SHA256), KeyOptions.of("b", "sk-one", "t")),
                EdgeOptions.DEFAULTS::priority));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            Keys.of(
                List.of(
                    KeyOptions.ofSubject("a", "CN=x, O=y", "t"),
                    KeyOptions.ofSubject("b", "cn=X,o=Y", "t")),
                EdgeOptions.DEFAULTS::priority));
  }

  @Test
  void newKeysDifferAndAreLong() {
    assertNotEquals(KeyHash.newKey(), KeyHash.newKey());
    assertTrue(KeyHash.newKey().matches("sk-[A-Za-z0-9_-]{43}"));
  }

  @Test
  void aSubjectThatIsNoneIsRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> KeyOptions.ofSubject("a", "not a name", "t"));
  }

  private static final String SHA256 =
      "sha256:456f1612bd25c6c8455039437bf441f43aa3b7d1c0b0047c712d5036dfebef0d";
  private static final String HMAC =
      "hmac-sha256:9532aaeac27cf02db1933164863289f3688ef5252b5962a782541cc155048504";

  private static KeyOptions hashed(String id, String hash) {
    return new KeyOptions(id, null, null, "t", "standard", List.of(), hash, null);
  }

  private static String id(Keys keys, String presented) {
    Keys.Key key = keys.find(presented);
    return key == null ? "nobody" : key.id();
  }
}
