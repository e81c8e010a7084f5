package org.deepdelta.experiment.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Op;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cases, tried with the CPU's kernels. */
final class OperationTrialTest {
    private static final Set<String> PRIMITIVES = Set.of(
            "add",
            "subtract",
            "multiply",
            "scale",
            "shift",
            "power",
            "sigmoid",
            "tanh",
            "relu",
            "exp",
            "softmax",
            "cast",
            "sum",
            "matmul",
            "concat",
            "slice",
            "transpose",
            "gather",
            "store");

    @TempDir
    Path folder;

    @Test
    void everyOperationHasACaseAndPassesOnTheCpu() throws IOException {
        Values values = new Values(folder);
        OperationTrial.make(values);
        // The CPU has no kernel for conversions, and no type that a copy of a parameter would be in.
        Predicate<String> withKernel = name -> !name.equals("cast") && !name.startsWith("adamw with a copy");
        OperationTrial trial = new OperationTrial(withKernel);
        Findings findings = trial.run(Device.cpu(), values);
        assertEquals(0, findings.failed(), () -> String.join("\n", findings.lines()));
        Set<String> ran = new TreeSet<>(trial.ran());
        ran.add("cast");
        assertTrue(ran.containsAll(PRIMITIVES), ran.toString());
        ran.removeAll(PRIMITIVES);
        List<String> operations = new ClassFileImporter(List.of(new ImportOption.DoNotIncludeTests()))
                .importPackages("org.deepdelta.ops").stream()
                        .filter(c -> c.isAssignableTo(Op.class))
                        .map(JavaClass::getSimpleName)
                        .toList();
        assertEquals(operations.size(), ran.size(), () -> "ran " + ran + ", there are " + operations);
    }

    @Test
    void aWrongValueIsNamedWithItsCaseAndTensor() throws IOException {
        OperationCase swiglu = OperationCases.all().stream()
                .filter(c -> c.name().equals("swiglu 21"))
                .findFirst()
                .orElseThrow();
        Map<String, double[]> numbers = new LinkedHashMap<>();
        swiglu.expected(DType.F32).forEach((name, tensor) -> numbers.put("swiglu 21 / F32 / " + name, tensor));
        numbers.get("swiglu 21 / F32 / gradient of ab")[5] *= 1.01;
        Values values = new Values(folder);
        values.write("operations", numbers);
        Findings findings = new OperationTrial(name -> name.equals("swiglu 21")).run(Device.cpu(), values);
        assertEquals(1, findings.failed());
        String line = findings.failures().get(0);
        assertTrue(line.startsWith("swiglu 21, F32, gradient of ab[5]: expected "), line);
    }
}
