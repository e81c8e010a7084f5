package org.deepdelta.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.deepdelta.data.Batch;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.operator.DeltaOperator;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

final class StreamJacobianTest {
    private static final int WIDTH = 4;
    private static final Device DEVICE = Device.reference();

    /** Ids occur once in all, so that an embedding is one token's. */
    private static final Batch BATCH = new Batch(2, 3, new int[] {0, 1, 2, 3, 4, 5}, new int[6]);

    private static final int[] TOKENS = {1, 5};

    private static Gpt gpt(String rule) {
        return new Gpt(GptConfig.of(6, 1, 2, WIDTH), ResidualStream.of(rule), DEVICE, DType.F64, 3);
    }

    private static double[] state(Gpt gpt, int rounds, int sublayers) {
        Arena arena = DEVICE.arena();
        Tape t = Tape.evaluating(DEVICE, arena).watching();
        gpt.logits(t, t.allocate(Spec.of(DType.I32, Shape.of(2, 3))).set(BATCH.ids()), rounds);
        double[] state = t.watched().get("X." + sublayers).toDoubles();
        arena.close();
        return state;
    }

    @Test
    void itIsTheDerivativeByTheEmbedding() {
        double h = 5e-6;
        Gpt gpt = gpt("ddl_scalar");
        Tensor table = gpt.parameters().named().get("transformer.wte.weight");
        double[] start = Arrays.stream(table.toDoubles()).map(x -> 10 * x).toArray(); // short vectors bend the norm
        table.set(start);
        for (int to : new int[] {1, 3}) {
            INDArray[] jacobians;
            try (StreamJacobian all = new StreamJacobian(gpt, DEVICE, BATCH, 2, TOKENS)) {
                jacobians = all.of(0, to);
            }
            for (int b = 0; b < 2; b++) {
                for (int j = 0; j < WIDTH; j++) {
                    double[] up = start.clone();
                    double[] down = start.clone();
                    up[TOKENS[b] * WIDTH + j] += h;
                    down[TOKENS[b] * WIDTH + j] -= h;
                    table.set(up);
                    double[] above = state(gpt, 2, to);
                    table.set(down);
                    double[] below = state(gpt, 2, to);
                    table.set(start);
                    for (int i = 0; i < WIDTH; i++) {
                        int at = TOKENS[b] * WIDTH + i;
                        double slope = (above[at] - below[at]) / (2 * h);
                        double tolerance = 1e-6 * Math.max(1, Math.abs(slope));
                        assertEquals(slope, jacobians[b].getDouble(i, j), tolerance);
                    }
                }
            }
        }
    }

    @Test
    void stretchesMultiplyForATokenThatSeesOnlyItself() {
        Gpt gpt = gpt("ddl_scalar");
        try (StreamJacobian all = new StreamJacobian(gpt, DEVICE, BATCH, 2, 0, 3)) {
            INDArray product =
                    all.of(3, 4)[1].mmul(all.of(2, 3)[1]).mmul(all.of(1, 2)[1]).mmul(all.of(0, 1)[1]);
            assertTrue(product.equalsWithEps(all.of(0, 4)[1], 1e-9));
        }
    }

    /** With the gate nearly closed everything but the frozen operator is of the gate's order. */
    @Test
    void aClosedGateLeavesTheFrozenOperator() {
        Gpt gpt = gpt("ddl_scalar:start=1e-4");
        GateAudit.Sublayer first =
                GateAudit.of(gpt, DEVICE, BATCH, 1).sublayers().get(0);
        try (StreamJacobian all = new StreamJacobian(gpt, DEVICE, BATCH, 1, TOKENS)) {
            INDArray a = DeltaOperator.of(first.gate()[1], first.direction()[1]).matrix();
            assertEquals(0, all.of(0, 1)[0].sub(a).norm2Number().doubleValue(), 0.02);
        }
    }

    @Test
    void whatDoesNotFitIsNamed() {
        Gpt gpt = gpt("ddl_scalar");
        for (int[] tokens : new int[][] {{1}, {1, 2}, {1, 6}, {-1, 4}}) {
            Throwable e = assertThrows(
                    IllegalArgumentException.class, () -> new StreamJacobian(gpt, DEVICE, BATCH, 1, tokens));
            assertTrue(e.getMessage().contains("one of each of 2 rows of 3"), Arrays.toString(tokens));
        }
        Gpt wide = gpt("ddl_cc:dv=2");
        Throwable e =
                assertThrows(IllegalArgumentException.class, () -> new StreamJacobian(wide, DEVICE, BATCH, 1, TOKENS));
        assertTrue(e.getMessage().contains("state is a vector"), e.getMessage());
    }
}
