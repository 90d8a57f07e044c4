package dev.forebay;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.forebay.core.VertxTimeline;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/** The dependency rules of the design. */
class ArchitectureTest {

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.forebay");

  private static final List<String> VERTX_OF_SPI =
      List.of(
          "io.vertx.core.Future",
          "io.vertx.core.Promise",
          "io.vertx.core.AsyncResult",
          "io.vertx.core.Handler",
          "io.vertx.core.buffer.Buffer");

  @Test
  void theSpiUsesOfVertxOnlyFuturesAndBuffers() {
    DescribedPredicate<JavaClass> otherVertx =
        DescribedPredicate.describe(
            "Vert.x beyond Future, Promise and Buffer",
            type ->
                type.getPackageName().startsWith("io.vertx")
                    && !VERTX_OF_SPI.contains(type.getName()));
    noClasses()
        .that()
        .resideInAPackage("dev.forebay.spi..")
        .should()
        .dependOnClassesThat(otherVertx)
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage("dev.forebay.spi")
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.forebay..")
                .and(not(resideInAnyPackage("dev.forebay.spi", "dev.forebay.spi.metrics"))))
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage("dev.forebay.spi.metrics")
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.forebay..").and(not(resideInAPackage("dev.forebay.spi.metrics"))))
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage("dev.forebay.spi.options")
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.forebay..").and(not(resideInAPackage("dev.forebay.spi.."))))
        .check(CLASSES);
  }

  @Test
  void theCoreKnowsNoPluginAndNothingAboveIt() {
    noClasses()
        .that()
        .resideInAPackage("dev.forebay.core..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.forebay..")
                .and(
                    not(
                        resideInAnyPackage(
                            "dev.forebay.spi..", "dev.forebay.dialect", "dev.forebay.core.."))))
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage("dev.forebay.config")
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.forebay..")
                .and(not(resideInAnyPackage("dev.forebay.spi..", "dev.forebay.config"))))
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage("dev.forebay.gateway")
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.forebay..")
                .and(
                    not(
                        resideInAnyPackage(
                            "dev.forebay.spi..",
                            "dev.forebay.core..",
                            "dev.forebay.config",
                            "dev.forebay.gateway"))))
        .check(CLASSES);
  }

  @Test
  void packagesAreFreeOfCircles() {
    slices().matching("dev.forebay.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void onlyItsTimelineMentionsVertxInTheCore() {
    noClasses()
        .that()
        .resideInAPackage("dev.forebay.core..")
        .and()
        .doNotBelongToAnyOf(VertxTimeline.class)
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("io.vertx.core.Vertx")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("io.vertx.core.Context")
        .check(CLASSES);
  }

  @Test
  void timeAndChanceComeInByOneDoor() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.forebay.spi..", "dev.forebay.core..", "dev.forebay.config")
        .and()
        .doNotBelongToAnyOf(VertxTimeline.class)
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "identityHashCode", Object.class)
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(Random.class, ThreadLocalRandom.class, java.util.concurrent.Executors.class)
        .orShould()
        .callMethod(java.util.UUID.class, "randomUUID")
        .orShould()
        .callMethod(Math.class, "random")
        .check(CLASSES);
  }

  @Test
  void theGatewayTakesOnlyItsSeedFromTheClock() {
    noClasses()
        .that()
        .resideInAPackage("dev.forebay.gateway")
        .and()
        .doNotHaveFullyQualifiedName("dev.forebay.gateway.Gateway")
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .check(CLASSES);
  }
}
