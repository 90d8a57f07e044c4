package dev.forebay.mysql;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which database has which shard, as the directory last said. */
final class Routing {

  private static final String CLAIM = "INSERT IGNORE INTO shards (shard, place) VALUES (?, ?)";
  private static final String OPEN =
      "INSERT IGNORE INTO shard_state (shard, writable) VALUES (?, 1)";

  private final Databases databases;
  private final @Nullable Place[] places = new Place[Shards.COUNT];

  Routing(Databases databases) {
    this.databases = databases;
  }

  /**
   * The database of a shard.
   *
   * @throws IllegalStateException if the directory has not been read yet
   */
  Place of(int shard) {
    Place place = places[shard];
    if (place == null) {
      throw new IllegalStateException("the directory of shards is not there yet");
    }
    return place;
  }

  /** The databases that have shards, with the bits of their shards. */
  Map<Place, Integer> shardBits() {
    Map<Place, Integer> bits = new LinkedHashMap<>();
    for (int shard = 0; shard < Shards.COUNT; shard++) {
      bits.merge(of(shard), 1 << shard, (one, other) -> one | other);
    }
    return bits;
  }

  /** Reads the directory; what it lacks is put there, as when it is all new. */
  Future<Void> read() {
    return places().compose(complete -> complete ? Future.succeededFuture() : spread());
  }

  private Future<Boolean> places() {
    return databases
        .ask(databases.directory().primary(), Sql.PLACES, Tuple.tuple())
        .map(rows -> take(rows) == Shards.COUNT);
  }

  /** Takes all places that are right, and then says which is not; how many shards have a place. */
  private int take(RowSet<Row> rows) {
    IllegalStateException wrong = null;
    for (Row row : rows) {
      try {
        places[row.getInteger(0)] = databases.place(row.getString(1));
      } catch (IllegalStateException e) {
        wrong = new IllegalStateException("shard " + row.getInteger(0) + ": " + e.getMessage());
      }
    }
    if (wrong != null) {
      throw wrong;
    }
    return rows.size();
  }

  /** Reads the directory. A gateway that was killed while it spread the shards did half of it. */
  Future<Void> begin() {
    return read().compose(nothing -> open());
  }

  /** Spreads the shards over the databases; those that this gateway knows a place of stay there. */
  private Future<Void> spread() {
    List<Place> all = databases.all();
    Future<Void> last = Future.succeededFuture();
    for (int shard = 0; shard < Shards.COUNT; shard++) {
      int number = shard;
      Place known = places[shard];
      Place place = known == null ? all.get(shard % all.size()) : known;
      last =
          last.compose(
                  nothing ->
                      databases.ask(
                          databases.directory().primary(), CLAIM, Tuple.of(number, place.name())))
              .mapEmpty();
    }
    return last.compose(nothing -> places()).compose(complete -> open());
  }

  /**
   * Each database may write the shards that the directory gave it. A shard that moves, or moved,
   * has a row that says otherwise, which stays.
   */
  private Future<Void> open() {
    Future<Void> last = Future.succeededFuture();
    for (Map.Entry<Place, Integer> each : shardBits().entrySet()) {
      Place place = each.getKey();
      last =
          last.compose(nothing -> databases.ask(place.primary(), Sql.STATES, Tuple.tuple()))
              .compose(rows -> open(place, each.getValue(), rows));
    }
    return last;
  }

  private Future<Void> open(Place place, int shards, RowSet<Row> states) {
    int missing = shards;
    for (Row row : states) {
      missing &= ~(1 << row.getInteger(0));
    }
    Future<Void> last = Future.succeededFuture();
    for (int shard = 0; shard < Shards.COUNT; shard++) {
      int number = shard;
      if ((missing >> shard & 1) == 1) {
        last =
            last.compose(nothing -> databases.ask(place.primary(), OPEN, Tuple.of(number)))
                .mapEmpty();
      }
    }
    return last;
  }
}
