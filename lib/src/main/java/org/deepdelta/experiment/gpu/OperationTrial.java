package org.deepdelta.experiment.gpu;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;

/** Every operation, forward and backward, in F32 and BF16, against values in double on the references. */
final class OperationTrial {
    private static final String FILE = "operations";
    private static final List<DType> TYPES = List.of(DType.F32, DType.BF16);

    private final Set<String> ran = new TreeSet<>();
    private final Predicate<String> chosen;

    /** A trial of the cases whose name is chosen. */
    OperationTrial(Predicate<String> chosen) {
        this.chosen = chosen;
    }

    /** Makes the values. */
    static void make(Values values) throws IOException {
        Map<String, double[]> numbers = new LinkedHashMap<>();
        for (OperationCase c : OperationCases.all()) {
            for (DType type : TYPES) {
                c.expected(type).forEach((name, tensor) -> numbers.put(key(c, type, name), tensor));
            }
        }
        values.write(FILE, numbers);
    }

    private static String key(OperationCase c, DType type, String tensor) {
        return c.name() + " / " + type + " / " + tensor;
    }

    /** Compares; types that the device has not are left out. */
    Findings run(Device device, Values values) throws IOException {
        Findings findings = new Findings("operations");
        for (OperationCase c : OperationCases.all()) {
            for (DType type : TYPES) {
                if (chosen.test(c.name()) && device.takes(type)) {
                    findings.add(check(c, type, device, values, findings));
                }
            }
        }
        return findings;
    }

    /** The operations that ran so far. */
    Set<String> ran() {
        return ran;
    }

    private List<String> check(OperationCase c, DType type, Device device, Values values, Findings findings)
            throws IOException {
        List<String> wrong = new ArrayList<>();
        String what = c.name() + ", " + type;
        OperationCase.Result result;
        try {
            result = c.run(device, type);
        } catch (RuntimeException e) {
            return List.of(what + ": " + e);
        }
        for (String operation : result.ran()) {
            ran.add(operation.split(" ")[0]);
            if (operation.endsWith(" reference")) {
                wrong.add(what + ": " + operation + " ran in the place of a kernel");
            }
        }
        for (Map.Entry<String, double[]> tensor : result.tensors().entrySet()) {
            double[] expected = values.read(FILE, key(c, type, tensor.getKey()));
            double tolerance = type == DType.F32 ? c.single() : c.half();
            String found = findings.compare(
                    type.toString(), what + ", " + tensor.getKey(), expected, tensor.getValue(), tolerance);
            if (found != null) {
                wrong.add(found);
            }
        }
        return wrong;
    }
}
