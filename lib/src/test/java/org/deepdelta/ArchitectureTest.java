package org.deepdelta;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaFieldAccess;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Imports point one way, and no class keeps mutable state for all. */
final class ArchitectureTest {

    /** From the bottom up: a package knows those before it in the list, never those after it. */
    private static final List<String> LAYERS = List.of(
            "operator",
            "tensor",
            "ops",
            "nn",
            "residual",
            "model",
            "data",
            "train",
            "experiment",
            "report",
            "classroom",
            "command");

    private static final JavaClasses LIBRARY =
            new ClassFileImporter(List.of(new ImportOption.DoNotIncludeTests())).importPackages("org.deepdelta");

    @Test
    void importsPointOneWay() {
        for (int i = 0; i < LAYERS.size() - 1; i++) {
            String[] above = LAYERS.subList(i + 1, LAYERS.size()).stream()
                    .map(ArchitectureTest::inside)
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage(inside(LAYERS.get(i)))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(above)
                    .allowEmptyShould(true)
                    .check(LIBRARY);
        }
    }

    @Test
    void everyPackageIsALayer() {
        String[] layers = LAYERS.stream().map(ArchitectureTest::inside).toArray(String[]::new);
        classes()
                .that()
                .doNotHaveSimpleName("package-info")
                .should()
                .resideInAnyPackage(layers)
                .check(LIBRARY);
    }

    @Test
    void theLibraryKnowsNoNotebook() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.deepdelta.notebook..", "org.deepdelta.kernel..", "io.github.spencerpark..")
                .check(LIBRARY);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("org.deepdelta.(**)").should().beFreeOfCycles().check(LIBRARY);
    }

    @Test
    void nothingStaticIsMutable() {
        fields().that().areStatic().should().haveModifier(JavaModifier.FINAL).check(LIBRARY);
    }

    /** Vector operations that round differently before and after the JIT compiles them. */
    @Test
    void vectorsKeepTheirBits() {
        List<String> banned = List.of(
                "SIN", "COS", "TAN", "ASIN", "ACOS", "ATAN", "ATAN2", "SINH", "COSH", "TANH", "EXP", "EXPM1", "LOG",
                "LOG10", "LOG1P", "CBRT", "HYPOT", "POW");
        DescribedPredicate<JavaCall<?>> reduction = DescribedPredicate.describe(
                "reduceLanes", call -> call.getTarget().getName().startsWith("reduceLanes"));
        DescribedPredicate<JavaFieldAccess> operator = DescribedPredicate.describe(
                "a transcendental lane operator",
                access -> access.getTargetOwner().getName().endsWith("VectorOperators")
                        && banned.contains(access.getTarget().getName()));
        noClasses().should().callCodeUnitWhere(reduction).check(LIBRARY);
        noClasses().should().accessFieldWhere(operator).check(LIBRARY);
    }

    private static String inside(String layer) {
        return "org.deepdelta." + layer + "..";
    }
}
