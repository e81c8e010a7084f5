package org.deepdelta.bench;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.deepdelta.bench.Work.Size;
import org.deepdelta.command.Options;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.Blas;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.KernelRun;
import org.deepdelta.tensor.Lanes;
import org.deepdelta.tensor.Rng;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * {@code mvn -q -pl lib test-compile exec:java@ops}: bytes moved over time by the CPU kernels, one thread, beside a copy of as much memory
 * measured in the same process, in the same minute. No speed is measured before the kernel's result has been found equal to the
 * reference's. Options: {@code -Dops=REWRITE,COMPRESS_CC}, {@code -Dsizes=16x256x128x4,...} (B x T x d x dv), {@code -Dseconds=1}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class OperationBenchmark {
    private static final String SIZES = "16x256x128x1,16x256x128x4,8x256x768x1,8x256x768x4";
    private static final double TOLERANCE = 1e-5;

    /** The operation. */
    @Param({"REWRITE"})
    public Work work;

    /** B x T x d x dv. */
    @Param({"16x256x128x4"})
    public String size;

    private final Device device = Device.cpu();
    private KernelRun run;
    private Tensor from;
    private Tensor to;

    /** Makes inputs and compares kernel and reference. */
    @Setup(Level.Trial)
    public void check() {
        Size asked = parse(size);
        Size small = new Size(1, Math.min(asked.length(), 64), asked.d(), asked.dv());
        Map<String, double[]> expected = results(Device.reference(), small);
        Map<String, double[]> actual = results(device, small);
        expected.forEach((name, e) -> {
            double[] a = actual.get(name);
            double largest = 1e-30;
            for (double x : e) {
                largest = Math.max(largest, Math.abs(x));
            }
            for (int i = 0; i < e.length; i++) {
                if (!(Math.abs(e[i] - a[i]) <= TOLERANCE * largest)) {
                    throw new IllegalStateException(work + " " + size + ": no speed is measured: " + name + "[" + i
                            + "]: reference " + e[i] + ", kernel " + a[i]);
                }
            }
        });
        Tensor[] in = inputs(device, asked);
        run = new KernelRun(device, work.op(), fill(device.allocate(work.op().outputs(in)[0]), "upstream"), in);
        run.forward();
        long half = bytes(work, asked, false) / 2 / Float.BYTES;
        from = fill(device.allocate(Spec.of(DType.F32, Shape.of(half))), "copied");
        to = device.allocate(Spec.of(DType.F32, Shape.of(half)));
    }

    private Map<String, double[]> results(Device on, Size s) {
        Arena memory = on.arena();
        Tape t = Tape.recording(on, memory);
        Tensor[] x = inputs(on, s);
        for (int i = 0; i < x.length; i++) {
            if (!work.isIds(i)) {
                t.variable(x[i]);
            }
        }
        Tensor y = t.apply(work.op(), x);
        t.backward(y, fill(on.allocate(y.spec()), "upstream"));
        Map<String, double[]> results = new TreeMap<>();
        results.put("output", y.toDoubles());
        for (int i = 0; i < x.length; i++) {
            if (!work.isIds(i)) {
                results.put("gradient " + i, t.gradient(x[i]).toDoubles());
            }
        }
        memory.close();
        return results;
    }

    private Tensor[] inputs(Device on, Size s) {
        Shape[] shapes = work.inputs(s);
        Tensor[] tensors = new Tensor[shapes.length];
        for (int i = 0; i < shapes.length; i++) {
            if (work.isIds(i)) {
                int[] ids = new int[(int) shapes[i].size()];
                Rng rng = Rng.of(1, "ids");
                for (int j = 0; j < ids.length; j++) {
                    ids[j] = (int) rng.below(j, s.d());
                }
                tensors[i] = on.allocate(Spec.of(DType.I32, shapes[i])).set(ids);
            } else {
                boolean state = shapes[i].equals(s.matrix()) && i == 0 && s.dv() > 1;
                tensors[i] = fill(on.allocate(new Spec(DType.F32, shapes[i], state)), "input " + i);
            }
        }
        return tensors;
    }

    private static Tensor fill(Tensor tensor, String stream) {
        Rng rng = Rng.of(1, stream);
        double[] values = new double[(int) tensor.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = rng.uniform(i) - 0.5;
        }
        return tensor.set(values);
    }

    /** Gives the memory back. */
    @TearDown(Level.Trial)
    public void close() {
        run.close();
    }

    /** The forward pass. */
    @Benchmark
    public Tensor forward() {
        return run.forward();
    }

    /** The backward pass, every gradient wanted. */
    @Benchmark
    public Tensor[] backward() {
        return run.backward();
    }

    /** A copy that moves as many bytes as the forward pass. */
    @Benchmark
    public Tensor copy() {
        Pointer.memcpy(
                to.memory().at(to.offset()),
                from.memory().at(from.offset()),
                from.spec().bytes());
        return to;
    }

    /** Bytes that cannot be done without. */
    private static long bytes(Work work, Size size, boolean back) {
        long inputs = 0;
        Shape[] shapes = work.inputs(size);
        for (int i = 0; i < shapes.length; i++) {
            inputs += Float.BYTES * shapes[i].size() * (back && !work.isIds(i) ? 2 : 1);
        }
        return inputs + Float.BYTES * work.outputs(size);
    }

    /** Runs operations at sizes and prints a table; see {@code -Dhelp}. */
    public static void main(String[] args) {
        Options.main(
                "ops",
                "Times single operations beside a measured copy, with JMH (test-compile in place of compile).",
                OperationBenchmark::run);
    }

    private static int run(Options options) throws RunnerException {
        List<String> all = Arrays.stream(Work.values()).map(Enum::name).toList();
        String[] ops = options.text("ops", String.join(",", all), "operations").split(",");
        String[] sizes = options.text("sizes", SIZES, "B x T x d x dv").split(",");
        double seconds = options.number("seconds", 1, "of each of eight repetitions");
        Stream.of(ops).filter(op -> !all.contains(op)).forEach(op -> options.wrong("ops", op, "some of " + all));
        Stream.of(sizes)
                .filter(size -> !size.matches("[1-9]\\d{0,8}(x[1-9]\\d{0,8}){3}"))
                .forEach(size -> options.wrong("sizes", size, "some of the form 16x256x128x4"));
        if (seconds <= 0) {
            options.wrong("seconds", Double.toString(seconds), "more than 0");
        }
        options.ready();
        System.setProperty("java.class.path", classPath());
        TimeValue time = TimeValue.milliseconds((long) Math.ceil(1000 * seconds));
        List<String> jvm = new ArrayList<>(List.of("-Xmx3g", "--add-modules=jdk.incubator.vector"));
        if (Runtime.version().feature() >= 24) {
            jvm.add("--enable-native-access=ALL-UNNAMED");
            jvm.add("--sun-misc-unsafe-memory-access=allow");
        }
        ChainedOptionsBuilder runs = new OptionsBuilder()
                .include(OperationBenchmark.class.getName())
                .param("work", ops)
                .param("size", sizes)
                .warmupTime(time)
                .measurementTime(time)
                .shouldFailOnError(true)
                .jvmArgs(jvm.toArray(String[]::new));
        print(new Runner(runs.build()).run());
        return 0;
    }

    private static void print(Collection<RunResult> results) {
        Map<String, Double> microseconds = new TreeMap<>();
        for (RunResult r : results) {
            String method = r.getPrimaryResult().getLabel();
            microseconds.put(
                    r.getParams().getParam("work") + " " + r.getParams().getParam("size") + " " + method,
                    r.getPrimaryResult().getScore());
        }
        System.out.printf(
                Locale.ROOT,
                "%nGB/s of bytes that cannot be done without, one thread, JDK %s, OpenBLAS core %s, vectors of %d floats%n",
                Runtime.version(),
                Blas.core(),
                Lanes.WIDTH);
        System.out.println("| operation | B x T x d x dv | copy | forward | of copy | backward | of copy |");
        System.out.println("|---|---|---|---|---|---|---|");
        for (String key : microseconds.keySet()) {
            if (key.endsWith(" copy")) {
                String[] words = key.split(" ");
                Work op = Work.valueOf(words[0]);
                Size size = parse(words[1]);
                double forward = bytes(op, size, false) / 1e3;
                double backward = bytes(op, size, true) / 1e3;
                String name = words[0] + " " + words[1] + " ";
                double copied = forward / microseconds.get(name + "copy");
                double there = forward / microseconds.get(name + "forward");
                double back = backward / microseconds.get(name + "backward");
                System.out.printf(
                        Locale.ROOT,
                        "| %s | %s | %.1f | %.1f | %.0f %% | %.1f | %.0f %% |%n",
                        words[0].toLowerCase(Locale.ROOT),
                        words[1],
                        copied,
                        there,
                        100 * there / copied,
                        back,
                        100 * back / copied);
            }
        }
    }

    /** JMH starts a virtual machine of its own with this class path; inside Maven the classes come from elsewhere. */
    private static String classPath() {
        if (Thread.currentThread().getContextClassLoader() instanceof URLClassLoader loader) {
            return Arrays.stream(loader.getURLs()).map(URL::getPath).collect(Collectors.joining(File.pathSeparator));
        }
        return System.getProperty("java.class.path");
    }

    private static Size parse(String text) {
        String[] n = text.split("x");
        return new Size(Long.parseLong(n[0]), Long.parseLong(n[1]), Long.parseLong(n[2]), Long.parseLong(n[3]));
    }
}
