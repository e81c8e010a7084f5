package org.deepdelta.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.deepdelta.experiment.gpu.GpuTrial;
import org.deepdelta.experiment.gpu.Plan;
import org.deepdelta.experiment.gpu.Plan.Part;
import org.deepdelta.experiment.gpu.Precision;
import org.deepdelta.model.GptConfig;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.cuda.CudaDevice;

/**
 * {@code exec:java@gpu}: tries a GPU: every operation, models, parity, equal bits, a training run, speed. It runs where ND4J has no backend:
 * expected values are read from a folder that the same command filled elsewhere.
 */
public final class Gpu {
    private static final String TF32 = "tf32";
    private static final double TERA = 1e12;
    private static final long MEBI = 1 << 20;

    private final Map<String, String> given = new TreeMap<>();
    private final String device;
    private final boolean real;
    private final Path values;
    private final Path make;
    private final Path out;
    private final String commit;
    private final Plan plan;

    private Gpu(Options o) {
        device = o.device("cuda", "cuda", "cuda-host");
        real = device.equals("cuda");
        values = o.path(
                "values", null, "folder of expected values, made before; without it they are made now, with ND4J");
        make = o.path("make", null, "makes the expected values of the parts into this folder, on the CPU, and ends");
        out = o.path("out", null, "JSON file for everything that was found");
        commit = o.text("commit", "", "of the sources, noted in the result");
        Path parity = o.path("parity", null, "folder of the authors' values, for the part parity");
        Set<Part> parts = parts(o, parity);
        Pattern cases = cases(o);
        int trainSteps = o.integer("trainSteps", real ? 200 : 20, 1, "length of the training run");
        Plan.Step step = step(o);
        Plan.State state = new Plan.State(
                o.integer("dv", 4, 1, "value channels of the state whose operations are timed alone"),
                MEBI * o.integer("copyMiB", real ? 1024 : 1, 1, "size of the copy that they are compared with"),
                o.integer("product", real ? 8192 : 64, 1, "n of the n x n matrix product that is timed"),
                o.integer("repeats", real ? 30 : 3, 1, "how often each is run"));
        o.ready();
        if (System.getProperty(TF32) != null) {
            throw new Options.Wrong(
                    "-D" + TF32 + ": expected -Ddtype=" + TF32 + " here: the checks run in full precision");
        }
        for (String rule : step.rules()) {
            try {
                ResidualStream.of(rule);
            } catch (IllegalArgumentException e) {
                throw new Options.Wrong(e.getMessage());
            }
        }
        plan = new Plan(parts, cases, parity, trainSteps, step, state);
    }

    private Set<Part> parts(Options o, Path parity) {
        String all = String.join(",", names(EnumSet.allOf(Part.class)));
        String text = o.text("parts", null, "which parts, of " + all + " (all; parity if its folder is given)");
        EnumSet<Part> parts = EnumSet.noneOf(Part.class);
        if (text == null) {
            parts.addAll(EnumSet.allOf(Part.class));
            if (parity == null) {
                parts.remove(Part.PARITY);
            }
            return parts;
        }
        for (String name : text.split(",")) {
            if (!all.contains(name) || name.isEmpty()) {
                o.wrong("parts", text, "some of " + all);
                return parts;
            }
            parts.add(Part.valueOf(name.toUpperCase(Locale.ROOT)));
        }
        if (parts.contains(Part.PARITY) && (parity == null || !Files.isDirectory(parity))) {
            o.wrong("parity", parity, "a folder with ops/, models/ or train/");
        }
        return parts;
    }

    private static Pattern cases(Options o) {
        String text = o.text("cases", ".*", "operations' cases and rules that are tried, a regular expression");
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            o.wrong("cases", text, "a regular expression: " + e.getDescription());
            return Pattern.compile("");
        }
    }

    private static List<String> names(Set<Part> parts) {
        return parts.stream().map(p -> p.name().toLowerCase(Locale.ROOT)).toList();
    }

    private Plan.Step step(Options o) {
        String rules =
                o.text("rules", "additive;ddl_scalar;ddl_tc_ec;ddl_cc_ec", "residual rules timed, between semicolons");
        int vocabulary = o.integer("V", real ? 50304 : 67, 2, "vocabulary");
        int layers = o.integer("L", real ? 12 : 1, 1, "blocks");
        int heads = o.integer("H", real ? 6 : 2, 1, "attention heads");
        int width = o.integer("d", real ? 768 : 16, 1, "width, a multiple of the heads");
        int length = o.integer("T", real ? 1024 : 16, 1, "tokens a row");
        int rows = o.integer("B", real ? 32 : 4, 1, "rows");
        String type =
                o.choice("dtype", real ? "bf16" : "f32", List.of("f32", TF32, "bf16"), "what the step computes in");
        int steps = o.integer("steps", real ? 20 : 2, 1, "steps timed");
        int warmup = o.integer("warmup", real ? 5 : 1, 1, "steps before");
        double peak = o.number("peak", 0, "TFLOP/s of the GPU by its data sheet in that type, for the utilisation");
        GptConfig sizes = GptConfig.of(67, 1, 1, 1);
        try {
            sizes = GptConfig.of(vocabulary, layers, heads, width);
        } catch (IllegalArgumentException e) {
            o.wrong("d", Integer.toString(width), "a multiple of the " + heads + " heads");
        }
        Precision precision = type == null || !List.of("f32", TF32, "bf16").contains(type)
                ? Precision.F32
                : Precision.valueOf(type.toUpperCase(Locale.ROOT));
        return new Plan.Step(
                Arrays.asList(rules.split(";")), sizes, length, rows, precision, warmup, steps, peak * TERA);
    }

    /** Runs the command; see {@code -Dhelp}. */
    public static void main(String[] args) {
        Options.main("gpu", "Tries a GPU: operations, models, equal bits, training, speed.", o -> new Gpu(o).run(o));
    }

    private int run(Options o) throws IOException {
        given.putAll(o.given());
        ObjectNode result = new ObjectMapper().createObjectNode();
        if (make != null) {
            new GpuTrial(plan, make, System.out, result).make();
            return 0;
        }
        Device opened = Device.named(device);
        System.out.println(opened.describe());
        provenance(result, opened);
        Path expected = values == null ? Files.createTempDirectory("ddl-values") : values;
        GpuTrial trial = new GpuTrial(plan, expected, System.out, result);
        if (values == null) {
            trial.make();
        }
        try {
            trial.check(opened);
            measure(trial, opened);
            result.put("complete", true);
        } finally {
            if (out != null) {
                write(result);
            }
        }
        return trial.failed() ? 1 : 0;
    }

    private void measure(GpuTrial trial, Device opened) throws IOException {
        Device on = opened;
        if (plan.step().precision() == Precision.TF32) {
            System.setProperty(TF32, "true"); // read where a device is opened
            on = Device.named(device);
        }
        CudaDevice cuda = CudaDevice.of(on);
        trial.measure(on, cuda::synchronize);
    }

    private void provenance(ObjectNode result, Device opened) {
        result.put("device", opened.describe())
                .put("date", Instant.now().toString())
                .put("commit", commit);
        ObjectNode node = result.putObject("provenance");
        node.put("java", Runtime.version().toString() + " (" + System.getProperty("java.vm.vendor") + ")");
        node.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        ObjectNode options = node.putObject("options");
        given.forEach(options::put);
    }

    private void write(ObjectNode result) throws IOException {
        if (out.toAbsolutePath().getParent() != null) {
            Files.createDirectories(out.toAbsolutePath().getParent());
        }
        ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        Files.writeString(out, mapper.writeValueAsString(result) + "\n");
        System.out.println("written: " + out);
    }
}
