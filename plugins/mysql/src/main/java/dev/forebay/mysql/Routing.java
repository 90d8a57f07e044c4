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

  /** Reads the directory. */
  Future<Void> read() {
    return databases
        .ask(databases.directory().primary(), Sql.PLACES, Tuple.tuple())
        .map(this::take);
  }

  private @Nullable Void take(RowSet<Row> rows) {
    for (Row row : rows) {
      places[row.getInteger(0)] = databases.place(row.getString(1));
    }
    return null;
  }

  /** Reads the directory; the first gateway of all spreads the shards over its databases. */
  Future<Void> begin() {
    return read().compose(nothing -> places[0] == null ? spread() : Future.succeededFuture());
  }

  private Future<Void> spread() {
    List<Place> all = databases.all();
    Future<Void> last = Future.succeededFuture();
    for (int shard = 0; shard < Shards.COUNT; shard++) {
      int number = shard;
      Place place = all.get(shard % all.size());
      last =
          last.compose(
                  nothing ->
                      databases.ask(
                          databases.directory().primary(), CLAIM, Tuple.of(number, place.name())))
              .mapEmpty();
    }
    return last.compose(nothing -> read()).compose(nothing -> open());
  }

  /** Each database may write the shards that the directory gave it. */
  private Future<Void> open() {
    Future<Void> last = Future.succeededFuture();
    for (int shard = 0; shard < Shards.COUNT; shard++) {
      int number = shard;
      last =
          last.compose(nothing -> databases.ask(of(number).primary(), OPEN, Tuple.of(number)))
              .mapEmpty();
    }
    return last;
  }
}
