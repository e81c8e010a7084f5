package org.deepdelta.train;

import java.util.ArrayList;
import java.util.List;
import org.deepdelta.nn.Parameter;
import org.deepdelta.nn.Parameters;
import org.deepdelta.ops.adamw.AdamW;
import org.deepdelta.ops.gradientsum.GradientSum;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * AdamW with decay groups and clipping of the global norm. Decay applies to parameters with two or more axes, the embedding included, and
 * not to biases, norm weights and read vectors.
 */
public final class Optimizer {
    private static final double CLIP_MARGIN = 1e-6;

    /**
     * What stays the same over a run.
     *
     * @param beta1 decay of the first moment
     * @param beta2 decay of the second moment
     * @param eps added to the root of the second moment
     * @param decay weight decay
     * @param clip largest global gradient norm; infinite for no clipping
     */
    public record Config(double beta1, double beta2, double eps, double decay, double clip) {

        /**
         * Checks the ranges.
         *
         * @throws IllegalArgumentException naming the value that is out of range
         */
        public Config {
            require("beta1", beta1, beta1 >= 0 && beta1 < 1, "in [0, 1)");
            require("beta2", beta2, beta2 >= 0 && beta2 < 1, "in [0, 1)");
            require("eps", eps, eps >= 0 && eps < Double.POSITIVE_INFINITY, ">= 0");
            require("decay", decay, decay >= 0 && decay < Double.POSITIVE_INFINITY, ">= 0");
            require("clip", clip, clip > 0, "> 0 (infinite for none)");
        }

        /** The paper's (Sec. 4.1): 0.9, 0.95, 1e-8, decay 0.1, clip 1. */
        public static Config paper() {
            return new Config(0.9, 0.95, 1e-8, 0.1, 1);
        }

        private static void require(String key, double value, boolean holds, String allowed) {
            if (!holds) {
                throw new IllegalArgumentException("optimizer: " + key + ": expected " + allowed + ", got " + value);
            }
        }
    }

    private final Parameters parameters;
    private final Config config;
    private final Tensor m;
    private final Tensor v;
    private final List<Span> spans = new ArrayList<>();
    private int step;

    /** Parameters side by side with the same decay: one update. The padding between them is zero and stays so. */
    private record Span(long from, long to, boolean decays) {}

    /** Moments start at zero. */
    public Optimizer(Parameters parameters, Config config, Device device) {
        this.parameters = parameters;
        this.config = config;
        this.m = parameters.like(device);
        this.v = parameters.like(device);
        List<Parameter> list = parameters.list();
        int first = 0;
        for (int i = 1; i <= list.size(); i++) {
            boolean ends = i == list.size();
            if (ends || list.get(i).decay() != list.get(first).decay()) {
                long to = ends ? m.size() : parameters.offset(list.get(i));
                spans.add(new Span(
                        parameters.offset(list.get(first)), to, list.get(first).decay()));
                first = i;
            }
        }
    }

    /** Steps taken. */
    public int step() {
        return step;
    }

    /** First moments, in the layout of {@link Parameters#storage}. */
    public Tensor m() {
        return m;
    }

    /** Second moments, in the layout of {@link Parameters#storage}. */
    public Tensor v() {
        return v;
    }

    /** Continues after that many steps; the moments are set by the caller. */
    public void resume(int stepsTaken) {
        step = stepsTaken;
    }

    /**
     * Sums the shards' gradients (into the first), clips, and updates.
     *
     * @param t an evaluating tape, for its device and temporary memory
     * @return the global norm before clipping
     * @throws ArithmeticException if the norm is not a finite number; then nothing is updated
     */
    public double update(Tape t, double rate, Tensor... shards) {
        double norm = Math.sqrt(GradientSum.intoFirst(t, shards));
        if (!Double.isFinite(norm)) {
            throw new ArithmeticException("the gradient's norm is " + norm + "; nothing was updated");
        }
        double scale = Math.min(1, config.clip() / (norm + CLIP_MARGIN));
        step++;
        for (Span span : spans) {
            double decay = span.decays() ? config.decay() : 0;
            AdamW adamw = new AdamW(rate, config.beta1(), config.beta2(), config.eps(), decay, scale, step);
            Tensor master = cut(parameters.master(), span);
            if (parameters.master() == parameters.storage()) {
                adamw.update(t, master, cut(shards[0], span), cut(m, span), cut(v, span));
            } else {
                Tensor copy = cut(parameters.storage(), span);
                adamw.update(t, master, copy, cut(shards[0], span), cut(m, span), cut(v, span));
            }
        }
        return norm;
    }

    private static Tensor cut(Tensor tensor, Span span) {
        return tensor.part(span.from(), Shape.of(span.to() - span.from()));
    }
}
