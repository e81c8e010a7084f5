package org.deepdelta.classroom;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.deepdelta.nn.Init;
import org.deepdelta.nn.Parameter;
import org.deepdelta.nn.Parameters;
import org.deepdelta.ops.delta.Delta;
import org.deepdelta.residual.Additive;
import org.deepdelta.residual.DeltaConfig;
import org.deepdelta.residual.DeltaScalar;
import org.deepdelta.residual.Read;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.Rng;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What problem set 3 checks with, on the library's own delta rule under the names that a student's has. */
final class RuleTrialTest {

    private static class Mine implements ResidualStream {
        private final Parameter[] value = new Parameter[2];
        private final Parameter[] gate = new Parameter[2];
        private final Parameter[] bias = new Parameter[2];

        @Override
        public String name() {
            return "mine";
        }

        @Override
        public void declare(Parameters p, Dimensions size) {
            for (int s = 0; s < 2; s++) {
                value[s] = p.declare("mine." + s + ".value", Init.constant(0), size.width(), 1);
                gate[s] = p.declare("mine." + s + ".gate", Init.constant(0), size.width(), 1);
                bias[s] = p.declare("mine." + s + ".bias", Init.constant(0), 1);
            }
        }

        @Override
        public Tensor rewrite(Tape t, int s, Read r, Tensor h) {
            Tensor v = t.matmul(r.c(), value[s].value());
            Tensor g = t.add(t.matmul(r.c(), gate[s].value()), bias[s].value());
            return Delta.rewrite(t, r.state(), h, v, t.scale(t.sigmoid(g), 2), 1e-5);
        }
    }

    private static INDArray normal(long seed) {
        double[] values = new double[24];
        for (int i = 0; i < values.length; i++) {
            values[i] = Rng.of(seed, "trial").normal(i);
        }
        return Nd4j.createFromArray(values).reshape(2, 3, 4);
    }

    private static RuleTrial trial(ResidualStream rule, int s) {
        return RuleTrial.of(rule, s, normal(1), normal(2), normal(3));
    }

    private static double off(INDArray a, INDArray b) {
        return a.sub(b).amaxNumber().doubleValue();
    }

    @Test
    void byHandIsTheLibrarysRuleAndMistakesAreNot() {
        for (int s = 0; s < 2; s++) {
            RuleTrial trial = trial(new Mine(), s);
            assertEquals(0, off(trial.next(), trial.delta(s, trial.context(), 2, 1, 1)), 1e-12);
            assertTrue(off(trial.next(), trial.delta(s, trial.context(), 2, 0, 1)) > 1e-3, "erases nothing");
            assertTrue(off(trial.next(), trial.delta(s, trial.context(), 2, 1, -1)) > 1e-3, "wrong sign");
            assertTrue(off(trial.next(), trial.delta(s, trial.context(), 1, 1, 1)) > 1e-3, "gate to 1");
            assertTrue(off(trial.next(), trial.delta(s, trial.state(), 2, 1, 1)) > 1e-3, "reads the state");
            assertTrue(off(trial.next(), trial.delta(1 - s, trial.context(), 2, 1, 1)) > 1e-3, "other weights");
        }
    }

    @Test
    void gradientsReachTheSublayersOwnParametersAlone() {
        RuleTrial trial = trial(new Mine(), 0);
        trial.parameters().keySet().forEach(name -> assertEquals(name.startsWith("mine.0"), trial.reaches(name), name));
    }

    @Test
    void aRuleWithoutParametersOrWithoutAnAnswerIsTriedToo() {
        RuleTrial sum = trial(new Additive(), 0);
        assertEquals(0, off(sum.next(), sum.state().add(sum.h())), 1e-12);
        assertEquals(Map.of(), sum.gradients());
        RuleTrial none = trial(
                new Mine() {
                    @Override
                    public Tensor rewrite(Tape t, int s, Read r, Tensor h) {
                        return null;
                    }
                },
                0);
        assertNull(none.next());
        assertEquals(Map.of(), none.gradients());
    }

    /** The seed alone decides; a few steps do better than a guess among eight, and none do not. */
    @Test
    void swapsAreTrainedAndAsked() {
        SwapTraining few = new SwapTraining(60, 0.01);
        double once = few.score(new DeltaScalar(DeltaConfig.paper()), 1);
        assertEquals(once, few.score(new DeltaScalar(DeltaConfig.paper()), 1));
        assertTrue(once > 0.25, "60 steps: " + once);
        double still = new SwapTraining(1, 1e-9).score(new DeltaScalar(DeltaConfig.paper()), 1);
        assertTrue(still < 0.25, "none: " + still);
        assertThrows(IllegalArgumentException.class, () -> new SwapTraining(0, 0.01).score(new Additive(), 1));
    }
}
