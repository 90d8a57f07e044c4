package dev.forebay.replay.served;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.vertx.core.Vertx;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * No class makes an HTTP client by itself, here and in all plugins: those of {@code
 * dev.forebay.net.HttpClients} use a connection again only if its answer is provably over.
 */
class OneMakerOfClientsTest {

  private static final Set<String> MAKERS =
      Set.of("createHttpClient", "httpClientBuilder", "createWebSocketClient");

  @Test
  void everyHttpClientIsMadeInOnePlace() {
    DescribedPredicate<JavaMethodCall> makesOne =
        describe(
            "makes an HTTP client",
            call ->
                MAKERS.contains(call.getName())
                    && call.getTargetOwner().isAssignableTo(Vertx.class));
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.forebay.net")
        .should()
        .callMethodWhere(makesOne)
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage("java.net.http", "io.vertx.ext.web.client..")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(java.net.URLConnection.class)
        .check(
            new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.forebay"));
  }
}
