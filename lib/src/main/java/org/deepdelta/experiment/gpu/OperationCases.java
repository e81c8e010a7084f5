package org.deepdelta.experiment.gpu;

import java.util.ArrayList;
import java.util.List;
import org.deepdelta.experiment.gpu.OperationCase.Body;
import org.deepdelta.experiment.gpu.OperationCase.Input;
import org.deepdelta.experiment.gpu.OperationCase.Kind;
import org.deepdelta.ops.adamw.AdamW;
import org.deepdelta.ops.attention.Attention;
import org.deepdelta.ops.compress.Compress;
import org.deepdelta.ops.crossentropy.CrossEntropy;
import org.deepdelta.ops.delta.Delta;
import org.deepdelta.ops.embedding.Embedding;
import org.deepdelta.ops.expand.Expand;
import org.deepdelta.ops.gradientsum.GradientSum;
import org.deepdelta.ops.linear.Linear;
import org.deepdelta.ops.rmsnorm.RmsNormalize;
import org.deepdelta.ops.rotary.Rotary;
import org.deepdelta.ops.sinkhorn.Sinkhorn;
import org.deepdelta.ops.step.RewriteStep;
import org.deepdelta.ops.streams.Streams;
import org.deepdelta.ops.swiglu.SwiGluGate;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/** Every operation of the library at widths around a warp's and a block's, odd ones included. A new operation has its cases added here. */
final class OperationCases {
    private static final double SINGLE = 1e-5;
    private static final double HALF = 0.012; // three units in the last place of the largest entry
    /** Scores' gradients are differences of sums over the stored, rounded outputs. */
    private static final double ATTENTION = 0.02;

    private static final int[] IDS = {3, 0, 3, 8, 3, 1};

    private final List<OperationCase> cases = new ArrayList<>();

    private OperationCases() {}

    /** All of them. */
    static List<OperationCase> all() {
        OperationCases c = new OperationCases();
        c.layers();
        c.attention();
        c.states();
        c.streams();
        c.ends();
        c.optimizer();
        c.elements();
        c.shapes();
        return List.copyOf(c.cases);
    }

    private void layers() {
        for (int n : new int[] {2, 33, 128, 300}) {
            add("rmsnorm " + n, new RmsNormalize(1e-5), x("x", 2, 5, n), w("w", n));
        }
        for (int[] nm : new int[][] {{1, 1}, {9, 1}, {17, 8}, {64, 48}, {5, 70}, {70, 33}}) {
            Input x = x("x", 2, 7, nm[0]);
            Input w = w("w", nm[1], nm[0]);
            add("linear " + nm[0] + " to " + nm[1], new Linear(), x, w);
            add("linear with bias " + nm[0] + " to " + nm[1], new Linear(), x, w, w("b", nm[1]));
        }
        for (int m : new int[] {1, 21, 85}) {
            add("swiglu " + m, new SwiGluGate(), x("ab", 2, 3, 2L * m));
        }
        for (int h : new int[] {2, 7, 32, 128}) {
            Op normed = new Rotary(2, 3, 10000, 0.5, 3, 1e-5);
            add("rotary " + h, normed, x("x", 2, 5, 7, h), w("wq", h), w("wk", h));
            add("rotary without norm " + h, new Rotary(2, 2, 10000, 1, 0, 1e-5), x("x", 2, 5, 6, h));
        }
    }

    private void attention() {
        for (int[] c : new int[][] {{1, 1, 4}, {5, 2, 16}, {64, 1, 32}, {70, 2, 8}, {33, 1, 128}}) {
            Op op = new Attention(c[1]);
            Input qkv = x("qkv", 2, c[0], 3L * c[1], c[2]);
            add("attention T " + c[0] + " h " + c[2], SINGLE, ATTENTION, (t, in) -> t.applyAll(op, in), qkv);
        }
        for (int[] c : new int[][] {{1, 2, 1, 4}, {1, 70, 3, 8}, {3, 40, 2, 32}, {17, 17, 2, 5}}) {
            Input q = x("q", 2, c[0], c[2], c[3]);
            Op op = new Attention(c[2]);
            Input kv = x("kv", 2, c[1], 2L * c[2], c[3]);
            add("attention " + c[0] + " of " + c[1], SINGLE, ATTENTION, (t, in) -> t.applyAll(op, in), q, kv);
        }
    }

    private void states() {
        for (Delta.Gates gates : Delta.Gates.values()) {
            for (int[] c : new int[][] {{7, 1}, {19, 3}, {33, 4}, {40, 8}, {64, 2}}) {
                delta(gates, c[1], state(c[0], c[1]));
            }
            delta(gates, 1, x("X", 2, 3, 33));
            for (int[] c : new int[][] {{33, 1, 0}, {19, 3, 1}, {64, 4, 1}, {9, 4, 4}, {21, 2, 7}, {40, 8, 1}}) {
                step(gates, c[0], c[1], c[2]);
            }
        }
        for (int[] c : new int[][] {{1, 3, 16, 4}, {4, 9, 45, 3}, {2, 1, 7, 2}, {3, 6, 33, 1}, {5, 2, 64, 8}}) {
            String size = " K " + c[0] + " T " + c[1] + " d " + c[2] + " dv " + c[3];
            Input w = w("W", c[0], c[3], c[2]);
            add("compress" + size, new Compress(), new Input("X", Kind.STATE, null, 2, c[1], c[2], c[3]), w);
            add("expand" + size, new Expand(), x("e", 2, c[1], c[2]), w);
        }
    }

    private void delta(Delta.Gates gates, int dv, Input state) {
        List<Input> in = new ArrayList<>(List.of(state, x("k", 2, 3, state.sizes()[2]), x("v", 2, 3, dv)));
        for (int i = 0; i < gates.count(); i++) {
            in.add(x("gate " + i, 2, 3, 1));
        }
        String form = gates + " d " + state.sizes()[2] + " dv " + dv + (state.sizes().length == 3 ? " vector" : "");
        add("delta " + form, new Delta(1e-5, gates), in.toArray(Input[]::new));
    }

    private void step(Delta.Gates gates, int d, int dv, int taps) {
        List<Input> in = new ArrayList<>();
        in.add(taps == 0 ? x("X", 2, 3, d) : state(d, dv));
        in.addAll(List.of(x("k", 2, 3, d), x("v", 2, 3, dv), x("gate", 2, 3, 1)));
        if (gates == Delta.Gates.SEPARATE) {
            in.add(x("write", 2, 3, 1));
        }
        if (taps > 0) {
            in.add(w("W", taps, dv, d));
        }
        in.add(w("norm", d));
        String form = gates + " d " + d + " dv " + dv + " K " + taps;
        add("rewrite_step " + form, new RewriteStep(1e-5, gates, 1e-5), in.toArray(Input[]::new));
    }

    private void streams() {
        for (int[] c : new int[][] {{1, 4, 33}, {4, 4, 64}, {3, 5, 45}}) {
            int n = c[0];
            int m = c[1];
            Input h = x("H", 2, 3, n, c[2]);
            Input y = x("y", 2, 3, c[2]);
            String size = " " + n + " to " + m + " d " + c[2];
            add("streams" + size, new Streams(), h, x("A", 2, 3, n, m));
            add("streams shared" + size, new Streams(), h, w("A", n, m));
            add("streams written" + size, new Streams(), h, x("A", 2, 3, n, m), x("b", 2, 3, m, 1), y);
            add("streams written shared" + size, new Streams(), h, w("A", n, m), w("b", m, 1), y);
        }
        for (int[] c : new int[][] {{1, 1, 3}, {4, 20, 37}, {5, 3, 9}}) {
            add("sinkhorn " + c[0] + " rounds " + c[1], new Sinkhorn(c[1]), x("L", 1, c[2], c[0], c[0]));
        }
    }

    private void ends() {
        for (int v : new int[] {2, 50, 257, 1031}) {
            int[] targets = {0, v - 1, CrossEntropy.IGNORE, v / 2, CrossEntropy.IGNORE, 0};
            add("cross_entropy " + v, new CrossEntropy(5), x("logits", 2, 3, v), ids("targets", targets));
        }
        for (int d : new int[] {1, 37, 256}) {
            add("embedding " + d, new Embedding(), w("table", 9, d), ids("ids", IDS));
        }
    }

    private void optimizer() {
        for (int n : new int[] {1, 17, 9001}) {
            Input p = new Input("p", Kind.SINGLE, null, n);
            Input g = new Input("g", Kind.SINGLE, null, n);
            add("adamw " + n, SINGLE, HALF, (t, in) -> adamw(t, in[0], null, in[1]), p, g);
            add("adamw with a copy " + n, HALF, HALF, OperationCases::copied, p, g);
            Body sum = (t, in) -> {
                double squared = GradientSum.intoFirst(t, in);
                return new Tensor[] {in[0], t.constant(in[0].type(), Shape.of(), squared)};
            };
            add("gradient_sum " + n, SINGLE, HALF, sum, p, g, new Input("h", Kind.SINGLE, null, n));
        }
    }

    /** With a copy of the parameter that the forward pass would read: in BF16 where the device has it. */
    private static Tensor[] copied(Tape t, Tensor... in) {
        boolean half = in[0].type() == DType.F32 && t.device().takes(DType.BF16);
        Tensor copy = t.allocate(Spec.of(half ? DType.BF16 : in[0].type(), in[0].shape()));
        return adamw(t, in[0], copy, in[1]);
    }

    /** Three steps from moments of zero. */
    private static Tensor[] adamw(Tape t, Tensor p, Tensor copy, Tensor g) {
        Tensor m = t.constant(p.type(), p.shape(), 0);
        Tensor v = t.constant(p.type(), p.shape(), 0);
        for (int step = 1; step <= 3; step++) {
            AdamW adamw = new AdamW(0.01, 0.9, 0.95, 1e-8, 0.1, 0.5, step);
            if (copy == null) {
                adamw.update(t, p, g, m, v);
            } else {
                adamw.update(t, p, copy, g, m, v);
            }
        }
        return copy == null ? new Tensor[] {p, m, v} : new Tensor[] {p, m, v, copy};
    }

    private void elements() {
        Input a = x("a", 3, 5, 33);
        Input row = x("b", 1, 5, 1);
        one("add", (t, in) -> t.add(in[0], in[1]), a, x("b", 3, 5, 33));
        one("add broadcast", (t, in) -> t.add(in[0], in[1]), a, row);
        one("subtract", (t, in) -> t.subtract(in[0], in[1]), a, row);
        one("multiply", (t, in) -> t.multiply(in[0], in[1]), a, x("b", 3, 5, 33));
        one("multiply broadcast", (t, in) -> t.multiply(in[0], in[1]), a, row);
        one("scale", (t, in) -> t.scale(in[0], -1.7), a);
        one("shift", (t, in) -> t.shift(in[0], 0.3), a);
        one("power", (t, in) -> t.power(t.shift(t.multiply(in[0], in[0]), 0.5), -0.5), a);
        one("sigmoid", (t, in) -> t.sigmoid(in[0]), a);
        one("tanh", (t, in) -> t.tanh(in[0]), a);
        one("relu", (t, in) -> t.relu(in[0]), a);
        one("exp", (t, in) -> t.exp(in[0]), a);
        one("softmax", (t, in) -> t.softmax(in[0]), a);
        one("cast", (t, in) -> t.cast(in[0], in[0].type() == DType.F64 ? DType.F64 : DType.F32), a);
    }

    private void shapes() {
        Input a = x("a", 3, 5, 33);
        one("sum of an axis", (t, in) -> t.sum(in[0], 1), a);
        one("sum of the last axis", (t, in) -> t.sum(in[0], 2), a);
        one("sum of all", (t, in) -> t.sum(in[0]), a);
        one("matmul", (t, in) -> t.matmul(in[0], in[1]), a, x("b", 33, 7));
        one("matmul batched", (t, in) -> t.matmul(in[0], in[1]), a, x("b", 3, 33, 7));
        one("concat", (t, in) -> t.concat(1, in), a, x("b", 3, 2, 33));
        one("slice", (t, in) -> t.slice(in[0], 1, 1, 4), a);
        one("transpose", (t, in) -> t.transpose(in[0], 2, 0, 1), a);
        one("gather", (t, in) -> t.gather(in[0], in[1]), x("table", 9, 33), ids("ids", IDS));
        one("store", (t, in) -> t.store(in[0], false), state(33, 4));
    }

    private void one(String name, SingleBody body, Input... inputs) {
        add(name, SINGLE, HALF, (t, in) -> new Tensor[] {body.apply(t, in)}, inputs);
    }

    private void add(String name, Op op, Input... inputs) {
        add(name, SINGLE, HALF, (t, in) -> t.applyAll(op, in), inputs);
    }

    private void add(String name, double single, double half, Body body, Input... inputs) {
        cases.add(new OperationCase(name, List.of(inputs), body, single, half));
    }

    @FunctionalInterface
    private interface SingleBody {
        Tensor apply(Tape t, Tensor... in);
    }

    private static Input x(String name, long... sizes) {
        return new Input(name, Kind.ACTIVATION, null, sizes);
    }

    private static Input w(String name, long... sizes) {
        return new Input(name, Kind.WEIGHT, null, sizes);
    }

    private static Input state(int d, int dv) {
        return new Input("X", Kind.STATE, null, 2, 3, d, dv);
    }

    private static Input ids(String name, int... ids) {
        return new Input(name, Kind.IDS, ids, 2, 3);
    }
}
