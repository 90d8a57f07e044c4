package dev.forebay.replay.run;

/**
 * How long the requests of a run took, from their arrival.
 *
 * @param all of all requests, to their end; one that was not answered counts as the caller's
 *     patience, whether it was refused, failed, wrong or late
 * @param answered of answered requests, to the end of the answer
 * @param hits of those that were answered from a cache or joined another's call
 * @param computed of the other answered requests: a backend worked for them
 * @param firstContent of answered requests, to their first content
 * @param betweenContents between contents of one answer
 * @param answeredSpread of answered requests, to the end of the answer, in buckets
 * @param firstContentSpread of answered requests, to their first content, in buckets
 */
public record Latencies(
    Distribution all,
    Distribution answered,
    Distribution hits,
    Distribution computed,
    Distribution firstContent,
    Distribution betweenContents,
    Spread answeredSpread,
    Spread firstContentSpread) {}
