package org.deepdelta.residual;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deepdelta.nn.NamedOptions;
import org.deepdelta.nn.Parameters;
import org.deepdelta.nn.RmsNorm;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/** DDL with one value channel (dv = 1, Sec. 3.1): the state is a vector of width d, read as it is and rewritten along one direction. */
public final class DeltaScalar implements ResidualStream {

    /** Found by name; its options are those of {@link DeltaConfig}. */
    public static final class Named implements Provider {

        /** For ServiceLoader. */
        public Named() {}

        @Override
        public List<String> names() {
            return List.of("ddl_scalar");
        }

        @Override
        public ResidualStream create(String name, Map<String, String> options) {
            NamedOptions o = new NamedOptions(name, options);
            DeltaConfig config = DeltaConfig.read(o);
            o.done();
            return new DeltaScalar(config);
        }
    }

    private final DeltaConfig config;
    private DeltaBranches[] branches;

    /** The rule with these branches. */
    public DeltaScalar(DeltaConfig config) {
        this.config = config;
    }

    @Override
    public String name() {
        return "ddl_scalar";
    }

    @Override
    public String describe() {
        Map<String, Object> options = new LinkedHashMap<>();
        config.write(options);
        return NamedOptions.spec(name(), options);
    }

    @Override
    public void declare(Parameters p, Dimensions dimensions) {
        branches = new DeltaBranches[dimensions.readout()];
        for (int s = 0; s < branches.length; s++) {
            String prefix = dimensions.block(s) + (s % 2 == 0 ? "ddl_attn." : "ddl_mlp.");
            branches[s] = new DeltaBranches(p, prefix, config, dimensions.width(), 1, dimensions.std());
        }
    }

    @Override
    public Read step(Tape t, int s, Read r, Tensor h, int next, RmsNorm norm) {
        return t.isWatching()
                ? ResidualStream.super.step(t, s, r, h, next, norm)
                : branches[s].step(t, s, r, h, null, norm);
    }

    @Override
    public double flops(Dimensions dimensions) {
        return Arrays.stream(branches).mapToDouble(DeltaBranches::flops).sum();
    }

    @Override
    public Tensor rewrite(Tape t, int s, Read r, Tensor h) {
        return branches[s].rewrite(t, s, r, h);
    }
}
