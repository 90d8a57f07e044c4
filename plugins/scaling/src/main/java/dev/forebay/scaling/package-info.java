/**
 * The section {@code scaling}: an autoscaler for each pool that it names. It observes the target
 * and the pool, asks the policy, drains and orders.
 */
@org.jspecify.annotations.NullMarked
package dev.forebay.scaling;
