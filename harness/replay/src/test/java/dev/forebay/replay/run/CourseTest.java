package dev.forebay.replay.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.replay.run.Course.Figure;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The course of a run, and how its times are spread. */
class CourseTest {

  private static final long SECOND = 1_000_000_000;

  private final CourseRecorder recorder = new CourseRecorder();

  @Test
  void stepsOfASecondCountWhatHappensAndAverageLevels() {
    recorder.count(Figure.ARRIVALS, 0);
    recorder.count(Figure.ARRIVALS, SECOND - 1);
    recorder.count(Figure.ARRIVALS, SECOND);
    recorder.level(SECOND, 2, 5, 3);
    recorder.level(SECOND + SECOND / 2, 4, 7, 3);
    Course course = recorder.course();
    assertEquals(1, course.stepSeconds());
    assertEquals(List.of(2.0, 1.0), course.of(Figure.ARRIVALS));
    assertEquals(List.of(0.0, 3.0), course.of(Figure.WAITING));
    assertEquals(List.of(0.0, 6.0), course.of(Figure.UNDER_WAY));
  }

  @Test
  void aLongRunHasLongerStepsAndNoMoreOfThem() {
    for (int second = 0; second < 1000; second++) {
      recorder.count(Figure.ARRIVALS, second * SECOND);
      recorder.level(second * SECOND, 6, 1, 2);
    }
    Course course = recorder.course();
    assertEquals(8, course.stepSeconds());
    assertEquals(125, course.of(Figure.ARRIVALS).size());
    assertTrue(course.of(Figure.ARRIVALS).stream().allMatch(count -> count == 8.0));
    assertTrue(course.of(Figure.WAITING).stream().allMatch(level -> level == 6.0));
  }

  @Test
  void whatCameBeforeTheFirstArrivalDoesNotCount() {
    recorder.level(-1, 9, 9, 9);
    recorder.count(Figure.FAILURES, -1);
    assertEquals(List.of(), recorder.course().of(Figure.FAILURES));
  }

  @Test
  void theMeanOfRunsIsInTheLongestStepsAndLeavesOutLevelsOfRunsThatAreOver() {
    CourseRecorder longer = new CourseRecorder();
    for (int second = 0; second < 200; second++) {
      longer.count(Figure.ANSWERS, second * SECOND);
      longer.level(second * SECOND, 0, 0, 6);
    }
    recorder.count(Figure.ANSWERS, 0);
    recorder.count(Figure.ANSWERS, SECOND);
    recorder.level(0, 0, 0, 6);
    Course mean = Course.mean(List.of(longer.course(), recorder.course()));
    assertEquals(2, mean.stepSeconds());
    assertEquals(100, mean.of(Figure.ANSWERS).size());
    assertEquals(2.0, mean.of(Figure.ANSWERS).get(0));
    assertEquals(1.0, mean.of(Figure.ANSWERS).get(1));
    assertEquals(6.0, mean.of(Figure.REPLICAS).get(99));
  }

  @Test
  void aBucketHoldsWhatIsNotAboveItsUpperEnd() {
    assertEquals(0, Spread.bucket(0.2));
    assertEquals(0, Spread.bucket(1));
    assertEquals(1, Spread.bucket(1.01));
    assertEquals(20, Spread.bucket(10));
    assertEquals(60, Spread.bucket(1000));
    assertEquals(61, Spread.bucket(1001));
    assertEquals(Spread.LAST, Spread.bucket(1e9));
    for (int bucket = 0; bucket <= Spread.LAST; bucket++) {
      assertEquals(bucket, Spread.bucket(Spread.upperMillis(bucket)));
    }
  }

  @Test
  void sharesAreOfAllRequestsAlsoOfThoseThatGotNoAnswer() {
    Spread one = new Spread(new TreeMap<>(java.util.Map.of(20, 1L, 40, 2L)));
    List<Spread.Point> within = one.plus(one).within(12);
    assertEquals(10, within.get(1).millis(), 1e-9);
    assertEquals(2 / 12.0, within.get(1).share(), 1e-9);
    assertEquals(0.5, within.get(2).share(), 1e-9);
    assertEquals(0, within.get(0).share());
  }
}
