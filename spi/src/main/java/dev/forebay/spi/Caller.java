package dev.forebay.spi;

/**
 * Who sent a request.
 *
 * @param address the network address, without a port
 * @param keyId the id of the API key, never the key; empty if none was given
 * @param tenant whom the key belongs to; {@code default} if there are no tenants
 * @param user the end user that the request names; empty if it names none
 * @param session the conversation that the request names; empty if it names none
 */
public record Caller(String address, String keyId, String tenant, String user, String session) {

  /** A caller of whom only the address is known. */
  public static Caller at(String address) {
    return new Caller(address, "", "default", "", "");
  }
}
