package dev.forebay.core.balancing;

import dev.forebay.spi.RequestInfo;
import java.util.ArrayList;
import java.util.List;

/**
 * Which members fit a request. Those that could not answer it, or may not have it, never get it;
 * those that cost too much now are avoided like ones that have failed it. Both are left in the one
 * way from a priority group to the next, and neither says anything of its account. Where no member
 * could answer it, those that may have it are asked, since they say why.
 *
 * @param barred ids of members that do not get the request
 * @param avoided ids of members that get it only where no other can
 */
record Fitting(List<String> barred, List<String> avoided) {

  /** Every member fits. */
  static final Fitting ALL = new Fitting(List.of(), List.of());

  /**
   * Which members fit a request now; {@link #ALL} itself where all do.
   *
   * @param rest whether it asks for the rest of an answer
   */
  static Fitting of(
      RequestInfo request,
      boolean rest,
      List<EndpointState> members,
      MissingModels missing,
      long epochMillis) {
    List<String> forbidden = new ArrayList<>(0);
    List<String> unable = new ArrayList<>(0);
    List<String> dear = new ArrayList<>(0);
    for (int i = 0; i < members.size(); i++) {
      EndpointState member = members.get(i);
      if (!member.terms().allow(request) || (rest && !member.continues())) {
        forbidden.add(member.id());
      } else if (!member.fits(request)) {
        unable.add(member.id());
      } else if (!member.terms().afford(request, epochMillis)) {
        dear.add(member.id());
      }
    }
    if (forbidden.isEmpty() && unable.isEmpty() && dear.isEmpty()) {
      return ALL;
    }
    if (!unable.isEmpty() && anyAble(request.model(), members, missing, forbidden, unable)) {
      forbidden.addAll(unable);
    }
    return new Fitting(forbidden, dear);
  }

  private static boolean anyAble(
      String model,
      List<EndpointState> members,
      MissingModels missing,
      List<String> forbidden,
      List<String> unable) {
    return members.stream()
        .anyMatch(
            member ->
                member.offers(model)
                    && !missing.at(member, model)
                    && !forbidden.contains(member.id())
                    && !unable.contains(member.id()));
  }

  /** Ids of all members that do not fit. */
  List<String> unfit() {
    if (barred.isEmpty() || avoided.isEmpty()) {
      return barred.isEmpty() ? avoided : barred;
    }
    List<String> unfit = new ArrayList<>(barred);
    unfit.addAll(avoided);
    return unfit;
  }

  /** Those of some candidates that are not barred; the same list where none is. */
  List<EndpointState> permitted(List<EndpointState> candidates) {
    return barred.isEmpty()
        ? candidates
        : candidates.stream().filter(member -> !barred.contains(member.id())).toList();
  }
}
