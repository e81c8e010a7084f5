package org.deepdelta.experiment.parity;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.deepdelta.experiment.parity.Comparison.Group;
import org.deepdelta.model.AuthorsConfig.NotSupported;
import org.deepdelta.nn.Activation;
import org.deepdelta.nn.CausalSelfAttention;
import org.deepdelta.nn.Parameters;
import org.deepdelta.nn.SwiGlu;
import org.deepdelta.ops.crossentropy.CrossEntropy;
import org.deepdelta.ops.delta.Delta;
import org.deepdelta.ops.rmsnorm.RmsNormalize;
import org.deepdelta.ops.rotary.Rotary;
import org.deepdelta.residual.Compression;
import org.deepdelta.residual.Compressor;
import org.deepdelta.residual.DeltaBranches;
import org.deepdelta.residual.DeltaConfig;
import org.deepdelta.residual.EmbeddingConvolution;
import org.deepdelta.residual.Read;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Past;
import org.deepdelta.tensor.Safetensors;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/** Cases below ops/: one operator with its inputs, outputs and gradients. */
final class OpCases {
    private final Safetensors file;
    private final Run run;
    private final Tape t;
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private Map<String, Tensor> parameters = Map.of();
    private Map<String, Tensor> parameterGradients = Map.of();

    private OpCases(Safetensors file, Run run) {
        this.file = file;
        this.run = run;
        this.t = Tape.recording(run.device(), run.arena());
    }

    /** Runs one case. */
    static void check(String name, Safetensors file, Run run) throws IOException {
        OpCases c = new OpCases(file, run);
        if (name.startsWith("delta_")) {
            c.delta();
        } else if (name.startsWith("ddl_module_")) {
            c.module();
        } else if (name.startsWith("rope_")) {
            c.rope();
        } else if (name.startsWith("rmsnorm_")) {
            c.finish("y", RmsNormalize.apply(c.t, c.in("x"), c.in("param.weight"), c.number("eps", 1e-5)));
        } else if (name.startsWith("mlp_")) {
            c.mlp();
        } else if (name.startsWith("attention_")) {
            c.attention();
        } else if (name.startsWith("compress_")) {
            c.compress(name.startsWith("compress_tc"));
        } else if (name.startsWith("expand_ec_")) {
            c.expand();
        } else if (name.startsWith("cross_entropy")) {
            c.crossEntropy();
        } else {
            throw new NotSupported("operator " + name);
        }
    }

    private void delta() throws IOException {
        double eps = number("k_eps", 1e-5);
        Tensor beta = t.scale(t.sigmoid(in("beta_logit")), 2);
        Tensor next = Delta.rewrite(t, in("x"), in("k_tilde"), in("v"), beta, eps);
        if (file.has("aux.beta")) {
            run.check(Group.OUTPUTS, file, "aux.beta", beta);
        }
        finish("x_new", next);
        if (file.has("grad.beta") && !run.single()) {
            run.check(Group.GRADIENTS, file, "grad.beta", t.gradient(beta));
        }
    }

    private void module() throws IOException {
        int d = integer("d");
        int dv = integer("dv");
        boolean deep = !flag("ddl_beta_single_linear", true);
        boolean constant = flag("ddl_v_constant", false) || flag("ddl_v_dim1_constant", false);
        double fixed = number("ddl_v_constant_value", number("ddl_v_dim1_constant_value", 2));
        double scale = flag("ddl_v_sigmoid", true) ? number("ddl_v_sigmoid_scale", 4) : 0;
        DeltaConfig config = new DeltaConfig(
                number("ddl_k_eps", number("k_eps", 1e-5)),
                false,
                Delta.Gates.SHARED,
                new DeltaConfig.Gate(1, deep ? (int) number("ddl_beta_hidden_size", 128) : 0, false),
                new DeltaConfig.Value(false, true, scale, constant ? fixed : null));
        Parameters p = new Parameters();
        DeltaBranches branches = new DeltaBranches(p, "", config, d, dv, 1);
        bind(p);
        Tensor x = in("x");
        Tensor source = file.has("in.v_in") ? in("v_in") : x;
        finish("x_new", branches.rewrite(t, 0, new Read(x, source, in("context")), in("k_tilde")));
    }

    private void rope() throws IOException {
        Tensor x = in("x");
        int heads = (int) x.shape().axis(2);
        Rotary rotary = new Rotary(
                heads, 0, number("rope_base", 10000), number("rope_ratio", 1), (int) number("offset", 0), 1e-5);
        double[][][] table = rotary.table((int) x.shape().axis(1), x.shape().axis(3), run.type());
        for (int i = 0; i < 2; i++) {
            String name = run.key(i == 0 ? "aux.cos" : "aux.sin");
            if (file.has(name)) {
                double[] flat =
                        Arrays.stream(table[i]).flatMapToDouble(Arrays::stream).toArray();
                run.comparison().check(Group.OUTPUTS, name, file.doubles(name), flat);
            }
        }
        finish("y", rotary.apply(t, x, null, null));
    }

    private void mlp() throws IOException {
        Parameters p = new Parameters();
        SwiGlu mlp = new SwiGlu(p, "", integer("d"), integer("hidden"), 1, 1);
        bind(p);
        finish("h", mlp.apply(t, in("x")));
    }

    private void attention() throws IOException {
        Parameters p = new Parameters();
        CausalSelfAttention attention = new CausalSelfAttention(p, "", attentionConfig(), 1, 1);
        bind(p);
        int prefix = (int) number("prefix", 0);
        if (prefix > 0) {
            continued(attention, prefix);
        }
        finish("h", attention.apply(t, in("x")));
    }

    private CausalSelfAttention.Config attentionConfig() throws IOException {
        return new CausalSelfAttention.Config(
                integer("d"),
                integer("heads"),
                integer("head_dim"),
                number("rope_base", 10000),
                number("rope_ratio", 1),
                flag("use_qk_rmsnorm", true),
                new CausalSelfAttention.Inputs(
                        activation("q_activation"),
                        activation("k_activation"),
                        activation("v_activation"),
                        flag("use_k_shift", false),
                        flag("use_v_shift", false)),
                new CausalSelfAttention.Outputs(
                        flag("using_groupnorm", false),
                        flag("use_output_gate", false),
                        number("rms_norm_eps", CausalSelfAttention.Outputs.PLAIN.gateNormEps())));
    }

    /** The same in two steps, the second with what the first one kept. */
    private void continued(CausalSelfAttention attention, int prefix) throws IOException {
        Past past = new Past(run.device());
        Tensor x = in("x");
        long length = x.shape().axis(1);
        Tensor[] h = new Tensor[2];
        for (int step = 0; step < 2; step++) {
            Tape generating = Tape.generating(run.device(), run.arena(), past).watching();
            Tensor part = generating.slice(x, 1, step == 0 ? 0 : prefix, step == 0 ? prefix : length);
            h[step] = attention.apply(generating, part);
            if (step == 0) {
                kept(generating);
            }
            past.advance(part.shape().axis(1));
            run.finished(generating);
        }
        run.check(Group.OUTPUTS, file, run.key("out") + ".h", t.concat(1, h));
    }

    /** Keys and values after the prefix, {@code [B, H, prefix, h]} in the file. */
    private void kept(Tape generating) throws IOException {
        Tensor kv = generating.watched().get("kv");
        long heads = kv.shape().axis(2) / 2;
        for (int i = 0; i < 2; i++) {
            Tensor heldBy = generating.slice(kv, 2, i * heads, (i + 1) * heads);
            String name = "aux.cache_" + (i == 0 ? "k" : "v") + "_after_prefix";
            run.check(Group.OUTPUTS, file, name, generating.transpose(heldBy, 0, 2, 1, 3));
        }
    }

    private void compress(boolean tokens) throws IOException {
        int d = integer("d");
        int dv = integer("dv");
        Compression kind =
                tokens ? new Compression.Tokens(integer("kernel")) : new Compression.Channels(flag("causal", false));
        Parameters p = new Parameters();
        Compressor compressor = new Compressor(p, "", kind, d, dv, 1, null);
        bind(p);
        if (file.has("aux.w_eff")) {
            Tensor weight = t.transpose(compressor.weight(t), 0, 2, 1);
            run.check(Group.OUTPUTS, file, "aux.w_eff", weight);
        }
        decode("x_in", compressor::apply);
        finish("x_in", compressor.apply(t, in("x")));
    }

    private void expand() throws IOException {
        Parameters p = new Parameters();
        EmbeddingConvolution convolution =
                new EmbeddingConvolution(p, "", integer("d"), integer("dv"), integer("kernel"));
        if (file.has("aux.identity_weight")) {
            p.place(run.device(), run.type()).initialise(0);
            run.check(Group.OUTPUTS, file, "aux.identity_weight", p.named().get("conv.weight"));
        }
        bind(p);
        decode("X0", convolution::apply);
        finish("X0", convolution.apply(t, in("x")));
    }

    private void crossEntropy() throws IOException {
        int ignored = (int) number("ignore_index", CrossEntropy.IGNORE);
        int[] ids = Arrays.stream(file.ints("in.targets"))
                .map(i -> i == ignored ? CrossEntropy.IGNORE : i)
                .toArray();
        Tensor targets = run.arena()
                .allocate(Spec.of(DType.I32, file.shape("in.targets")))
                .set(ids);
        long scored = Arrays.stream(ids).filter(i -> i != CrossEntropy.IGNORE).count();
        finish("loss", CrossEntropy.apply(t, in("logits"), targets, scored));
    }

    /** Runs over time in pieces, as text generation does: the first {@code prefix} rows at once, then one by one. */
    private void decode(String output, BiFunction<Tape, Tensor, Tensor> f) throws IOException {
        Tensor x = run.load(file, "in.x");
        long length = x.shape().axis(1);
        Past past = new Past(run.device());
        Tape whole = Tape.evaluating(run.device(), run.arena());
        List<Tensor> parts = new ArrayList<>();
        for (long from = 0; from < length; from = past.position()) {
            long to = from == 0 ? Math.max(1, (long) number("prefix", 1)) : from + 1;
            Tape step = Tape.generating(run.device(), run.arena(), past);
            parts.add(step.store(f.apply(step, whole.slice(x, 1, from, to)), false));
            past.advance(to - from);
            run.finished(step);
        }
        Tensor y = whole.concat(1, parts.toArray(Tensor[]::new));
        run.check(Group.OUTPUTS, file, run.key("out") + "." + output, y);
    }

    /** Loads an input, which may not be differentiated (parameters of modules come by {@link #bind}). */
    private Tensor in(String name) throws IOException {
        Tensor tensor = inputs.get(name);
        if (tensor == null) {
            tensor = t.variable(run.load(file, "in." + name));
            inputs.put(name, tensor);
        }
        return tensor;
    }

    /** Places a module's parameters and fills them from the file. */
    private void bind(Parameters p) throws IOException {
        p.place(run.device(), run.type());
        Tensor gradients = p.like(run.device());
        p.bind(t, gradients, false);
        parameters = p.named();
        parameterGradients = p.named(gradients);
        for (Map.Entry<String, Tensor> entry : parameters.entrySet()) {
            entry.getValue().set(file.doubles("in.param." + entry.getKey()));
        }
    }

    private void finish(String output, Tensor y) throws IOException {
        run.check(Group.OUTPUTS, file, run.key("out") + "." + output, y);
        t.backward(y, run.load(file, "upstream." + output));
        for (Map.Entry<String, Tensor> entry : inputs.entrySet()) {
            gradient(entry.getKey(), t.gradient(entry.getValue()));
        }
        for (Map.Entry<String, Tensor> entry : parameterGradients.entrySet()) {
            gradient("param." + entry.getKey(), entry.getValue());
        }
        run.finished(t);
    }

    private void gradient(String input, Tensor gradient) throws IOException {
        String name = run.key("grad") + "." + input;
        if (file.has(name)) {
            run.check(Group.GRADIENTS, file, name, gradient);
        }
    }

    private int integer(String attribute) throws IOException {
        double value = number(attribute, Double.NaN);
        if (value != (int) value) {
            throw new IOException("attribute " + attribute + ": expected an integer, got "
                    + file.metadata().get(attribute));
        }
        return (int) value;
    }

    private double number(String attribute, double otherwise) throws IOException {
        String text = file.metadata().get(attribute);
        try {
            return text == null ? otherwise : Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new IOException("attribute " + attribute + ": expected a number, got " + text, e);
        }
    }

    private Activation activation(String attribute) {
        return Activation.named(attribute, file.metadata().getOrDefault(attribute, "identity"));
    }

    private boolean flag(String attribute, boolean otherwise) {
        String text = file.metadata().get(attribute);
        return text == null ? otherwise : text.equalsIgnoreCase("true");
    }
}
