package dev.forebay.spi.ledger;

import dev.forebay.spi.Lifecycle;
import dev.forebay.spi.Named;
import io.vertx.core.Future;
import java.time.LocalDate;
import java.util.List;

/**
 * Records of what callers used; they are added and never changed. Asked on the gateway's timeline;
 * its futures complete there. No request waits for it, and each of its futures completes within 30
 * s.
 */
@Named("usage ledger")
public interface UsageLedger extends Lifecycle {

  /** Records that are added at once, at most. */
  int MOST_AT_ONCE = 1000;

  /** Groups that a sum has at most; the largest by cost, then by requests, come first. */
  int MOST_GROUPS = 10_000;

  /**
   * Adds records: all, or none if the future fails. Records whose id is there already are left out,
   * so that it may be tried again.
   *
   * @param records 1 to {@value #MOST_AT_ONCE}, with ids that differ
   */
  Future<Void> append(List<UsageRecord> records);

  /** What was used, the group with the highest cost first. It may lag behind {@link #append}. */
  Future<List<UsageSum>> sums(UsageQuery query);

  /**
   * The newest records of a user, the newest first. What this gateway has added is among them.
   *
   * @param most at most so many, 1 to 1,000
   */
  Future<List<UsageRecord>> ofUser(String tenant, String user, int most);

  /**
   * Says what a gateway counted itself, beside its records. The newest figures of a count replace
   * the earlier ones.
   *
   * @param counter a name of the start of the gateway that counted, 1 to 64 characters
   * @param totals 1 to {@value #MOST_AT_ONCE}
   */
  Future<Void> counted(String counter, List<Total> totals);

  /**
   * What the records of some days come to, beside what gateways counted; in the order of days and
   * tenants.
   *
   * @param from the first day, in UTC
   * @param to the last day, not before the first and within a year of it
   */
  Future<List<Audited>> audit(LocalDate from, LocalDate to);

  /**
   * What was used on a day.
   *
   * @param day in UTC
   * @param tenant by whom
   * @param requests how many requests ended
   * @param tokens of prompts and answers that were made for them
   * @param nanodollars what they cost, in billionths of a US dollar
   */
  record Total(LocalDate day, String tenant, long requests, long tokens, long nanodollars) {}

  /**
   * Two counts of the same.
   *
   * @param recorded the sum of the records
   * @param counted the sum of what gateways counted when the requests ended
   */
  record Audited(Total recorded, Total counted) {
    /** Tokens that were counted but not recorded; below 0 if it is the other way round. */
    public long driftTokens() {
      return counted.tokens() - recorded.tokens();
    }

    /** As {@link #driftTokens()}, in billionths of a US dollar. */
    public long driftNanodollars() {
      return counted.nanodollars() - recorded.nanodollars();
    }

    /** As {@link #driftTokens()}, in requests. */
    public long driftRequests() {
      return counted.requests() - recorded.requests();
    }
  }

  /** The keys and budgets that stand beside the records. */
  KeyRegister register();
}
