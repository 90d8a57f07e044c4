package dev.forebay.conformance;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import io.vertx.core.buffer.Buffer;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * How much a plugin holds: the number of objects and array elements that are reachable from it.
 *
 * <p>It follows fields by reflection, static ones of the plugin's package included, and collections
 * of the JDK by their methods, since the JDK's own fields are closed. Weak references and the
 * context are not followed. A heap measured before and after would need a garbage collection that
 * no JVM promises.
 */
final class Footprint {

  private static final long LIMIT = 5_000_000;

  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Class<?>> classes = Collections.newSetFromMap(new IdentityHashMap<>());
  private final ArrayDeque<Object> open = new ArrayDeque<>();
  private final String home;
  private long count;

  private Footprint(Object root) {
    home = root.getClass().getPackageName();
    visit(root);
  }

  /** Objects and array elements that are reachable from a plugin. */
  static long of(Object root) {
    return of(root, LIMIT);
  }

  /** Objects and array elements that are reachable from a plugin; counting ends above a bound. */
  static long of(Object root, long most) {
    Footprint footprint = new Footprint(root);
    while (!footprint.open.isEmpty() && footprint.count <= most) {
      footprint.expand(footprint.open.poll());
    }
    return footprint.count;
  }

  /** Whether an object has no fields. */
  static boolean stateless(Object object) {
    int fields = 0;
    for (Class<?> each = object.getClass(); each != null; each = each.getSuperclass()) {
      for (Field field : each.getDeclaredFields()) {
        fields += Modifier.isStatic(field.getModifiers()) ? 0 : 1;
      }
    }
    return fields == 0;
  }

  private void visit(@Nullable Object object) {
    if (object == null || foreign(object) || !seen.add(object)) {
      return;
    }
    count++;
    open.add(object);
  }

  /** What is not the plugin's own. */
  private static boolean foreign(Object object) {
    return object instanceof PluginContext
        || object instanceof Timeline
        || object instanceof FakeEndpoint
        || object instanceof Class<?>
        || object instanceof ClassLoader
        || object instanceof Thread;
  }

  private void expand(Object object) {
    Class<?> type = object.getClass();
    if (type.isArray()) {
      expandArray(object);
    } else if (type.getModule() == Object.class.getModule()) {
      expandJdk(object);
    } else if (!(object instanceof Buffer) && !(object instanceof Enum<?>)) {
      expandFields(object, type);
    }
  }

  private void expandArray(Object array) {
    int length = Array.getLength(array);
    if (array instanceof Object[] elements) {
      for (Object element : elements) {
        visit(element);
      }
    } else {
      count += length;
    }
  }

  private void expandJdk(Object object) {
    if (object instanceof Map<?, ?> map) {
      count += map.size();
      map.forEach(
          (key, value) -> {
            visit(key);
            visit(value);
          });
    } else if (object instanceof Collection<?> collection) {
      count += collection.size();
      collection.forEach(this::visit);
    } else if (object instanceof Optional<?> optional) {
      optional.ifPresent(this::visit);
    } else if (object instanceof AtomicReference<?> reference) {
      visit(reference.get());
    }
  }

  private void expandFields(Object object, Class<?> type) {
    for (Class<?> each = type; each != null && each != Object.class; each = each.getSuperclass()) {
      boolean first = each.getPackageName().equals(home) && classes.add(each);
      for (Field field : each.getDeclaredFields()) {
        boolean fixed = Modifier.isStatic(field.getModifiers());
        if (!field.getType().isPrimitive() && (!fixed || first)) {
          visit(read(field, fixed ? null : object));
        }
      }
    }
  }

  private static @Nullable Object read(Field field, @Nullable Object owner) {
    try {
      field.setAccessible(true);
      return field.get(owner);
    } catch (InaccessibleObjectException | IllegalAccessException closed) {
      return null;
    }
  }
}
