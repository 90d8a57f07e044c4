package dev.forebay.limiting.rate;

/** Whose requests count together. */
public enum Per {
  /** Those from one network address. */
  IP,
  /** Those with one API key; those without any are told apart by their address. */
  KEY,
  /** Those of one tenant. */
  TENANT,
  /** Those of one end user of a tenant, as the request names it. */
  USER,
  /** Those of one conversation of a tenant, as the request names it. */
  SESSION,
  /** Those for one model. */
  MODEL,
  /** Those of one operation: chat, completion, embedding. */
  OPERATION,
  /** Those of one priority. */
  PRIORITY,
  /** All. */
  GATEWAY
}
