package org.deepdelta.residual;

import java.util.List;
import java.util.Map;
import org.deepdelta.nn.NamedOptions;
import org.deepdelta.nn.Parameters;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/** The baseline: X' = X + F(c), a state of width d, nothing erased. */
public final class Additive implements ResidualStream {

    /** Found by name; there are no options. */
    public static final class Named implements Provider {

        /** For ServiceLoader. */
        public Named() {}

        @Override
        public List<String> names() {
            return List.of("additive");
        }

        @Override
        public ResidualStream create(String name, Map<String, String> options) {
            new NamedOptions(name, options).done();
            return new Additive();
        }
    }

    @Override
    public String name() {
        return "additive";
    }

    @Override
    public void declare(Parameters p, Dimensions dimensions) {
        // no parameters
    }

    @Override
    public double flops(Dimensions dimensions) {
        return 0;
    }

    @Override
    public Tensor rewrite(Tape t, int s, Read r, Tensor h) {
        return t.add(r.state(), h);
    }
}
