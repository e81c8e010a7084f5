package org.deepdelta.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.deepdelta.data.Batch;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.Blas;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Rng;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.train.Optimizer;
import org.deepdelta.train.TrainStep;

/**
 * {@code exec:java@bench}: the step benchmark. One training step is forward, backward, clipping and AdamW; the speed is printed only after
 * loss and gradients of the same model have been found equal to the references'.
 */
public final class Bench {
    private static final double TOLERANCE = 1e-4;
    private static final double FLOOR = 1e-6;

    private final String on;
    private final String rule;
    private final GptConfig sizes;
    private final int threads;
    private final int shards;
    private final int length;
    private final int rows;
    private final int steps;
    private final int warmup;

    private Bench(Options o) {
        on = o.device("cpu", "cpu", "cuda", "cuda-host");
        rule = o.text("rule", "ddl_scalar", "residual rule: NAME or NAME:option=value,option=value");
        threads = o.integer("threads", 1, 1, "Java threads over the shards");
        shards = o.integer("shards", on.equals("cpu") ? 4 : 1, 1, "parts of the batch");
        int vocabulary = o.integer("V", 256, 2, "vocabulary");
        int layers = o.integer("L", 4, 1, "blocks");
        int heads = o.integer("H", 4, 1, "attention heads");
        int width = o.integer("d", 128, 1, "width, a multiple of the heads");
        length = o.integer("T", 256, 1, "tokens a row");
        rows = o.integer("B", 8, 1, "rows, at least the shards");
        steps = o.integer("steps", 20, 1, "steps measured");
        warmup = o.integer("warmup", 20, 1, "steps before, for the JIT compiler");
        o.ready();
        if (rows < shards) {
            throw new Options.Wrong("-DB=" + rows + ": expected at least the " + shards + " shards");
        }
        try {
            sizes = GptConfig.of(vocabulary, layers, heads, width);
            ResidualStream.of(rule);
        } catch (IllegalArgumentException e) {
            throw new Options.Wrong(e.getMessage());
        }
    }

    /** Runs the command; see {@code -Dhelp}. */
    public static void main(String[] args) {
        Options.main(
                "bench", "Times a training step, after checking it against the references.", o -> new Bench(o).run());
    }

    private Gpt model(Device device) {
        return new Gpt(sizes, ResidualStream.of(rule), device, DType.F32, 1);
    }

    private int run() throws IOException {
        Device device = Device.named(on);
        Gpt gpt = model(device);
        String difference = difference(gpt, device);
        if (difference != null) {
            System.out.println("bench: no speed is printed: " + difference);
            return 1;
        }
        double[] times = new double[steps];
        Batch batch = batch(rows);
        Optimizer optimizer = new Optimizer(gpt.parameters(), Optimizer.Config.paper(), device);
        try (TrainStep step = new TrainStep(gpt.parameters(), device, shards, threads)) {
            for (int i = -warmup; i < steps; i++) {
                long start = System.nanoTime();
                step.run(List.of(new TrainStep.Micro(batch, gpt::loss)), optimizer, 1e-3);
                if (i >= 0) {
                    times[i] = (System.nanoTime() - start) / 1e6;
                }
            }
        }
        Arrays.sort(times);
        System.out.println(json(gpt, times));
        return 0;
    }

    private Batch batch(int count) {
        Rng rng = Rng.of(1, "bench");
        int[] ids = new int[count * length];
        int[] targets = new int[count * length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (int) rng.below(i, sizes.vocabulary());
            targets[i] = (int) rng.below(i + 1L, sizes.vocabulary());
        }
        return new Batch(count, length, ids, targets);
    }

    /** What differs between kernels and references on one row, or null. */
    private String difference(Gpt gpt, Device device) {
        Gpt plain = model(Device.reference());
        Map<String, Tensor> expected = gradients(plain, Device.reference());
        Map<String, Tensor> actual = gradients(gpt, device);
        for (Map.Entry<String, Tensor> entry : expected.entrySet()) {
            double[] e = entry.getValue().toDoubles();
            double[] a = actual.get(entry.getKey()).toDoubles();
            double largest = Arrays.stream(e).map(Math::abs).max().orElse(0);
            for (int i = 0; i < e.length; i++) {
                if (!(Math.abs(e[i] - a[i]) <= TOLERANCE * largest + FLOOR)) {
                    return String.format(
                            Locale.ROOT, "%s[%d]: reference %.9g, kernel %.9g", entry.getKey(), i, e[i], a[i]);
                }
            }
        }
        return null;
    }

    private Map<String, Tensor> gradients(Gpt gpt, Device device) {
        Arena arena = device.arena();
        Tape t = Tape.recording(device, arena);
        Tensor gradients = gpt.parameters().like(device);
        gpt.parameters().bind(t, gradients, false);
        Batch row = batch(1);
        Spec spec = Spec.of(DType.I32, Shape.of(1, length));
        Tensor loss =
                gpt.loss(t, t.allocate(spec).set(row.ids()), t.allocate(spec).set(row.targets()), length);
        t.backward(loss);
        Map<String, Tensor> named = gpt.parameters().named(gradients);
        named.put("loss", device.allocate(loss.spec()).set(loss.item()));
        arena.close();
        return named;
    }

    private String json(Gpt gpt, double[] times) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        double median = times[times.length / 2];
        ObjectNode node = mapper.createObjectNode();
        node.put("variant", rule).put("threads", threads);
        node.put("V", sizes.vocabulary())
                .put("L", sizes.layers())
                .put("H", sizes.attention().heads());
        node.put("d", sizes.width()).put("T", length).put("B", rows);
        node.put("device", on).put("dtype", "fp32").put("shards", shards);
        node.put("parameters", gpt.parameters().count())
                .put("jdk", Runtime.version().toString());
        node.put("peak_mib", peakMib()).put("core", Blas.core());
        node.put("ms_median", round(median)).put("ms_best", round(times[0]));
        node.put("tokens_per_s", Math.round(rows * (double) length / median * 1e3));
        return mapper.writeValueAsString(node);
    }

    /** Largest resident size of this process, where the system tells; -1 elsewhere. */
    private static long peakMib() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return -1;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElse(-1);
    }

    private static double round(double ms) {
        return Math.round(ms * 100) / 100.0;
    }
}
