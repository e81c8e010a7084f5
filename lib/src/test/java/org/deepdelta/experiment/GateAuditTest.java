package org.deepdelta.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deepdelta.data.Batch;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.junit.jupiter.api.Test;

final class GateAuditTest {
    private static final int[] TEXT = {3, 1, 4, 1, 5, 0, 2, 6};

    private static GateAudit audit(String rule) {
        Device device = Device.reference();
        Gpt gpt = new Gpt(GptConfig.of(7, 2, 2, 8), ResidualStream.of(rule), device, DType.F64, 3);
        return GateAudit.of(gpt, device, TEXT);
    }

    @Test
    void theErrorShrinksByOneMinusBeta() {
        for (String rule : new String[] {"ddl_scalar:eps=1e-9", "ddl_cc_ec:eps=1e-9", "ddl_tc:eps=1e-9"}) {
            GateAudit audit = audit(rule);
            assertEquals(4, audit.sublayers().size());
            for (GateAudit.Sublayer s : audit.sublayers()) {
                assertEquals(TEXT.length, s.gate().length);
                for (int i = 0; i < TEXT.length; i++) {
                    assertTrue(s.before()[i] > 1e-3, rule + ": the errors to shrink are not nothing");
                    assertEquals(Math.abs(1 - s.gate()[i]) * s.before()[i], s.after()[i], 1e-12, rule);
                    assertEquals(0, s.deviation()[i], 1e-12, rule);
                }
            }
        }
    }

    @Test
    void aGateOfTwoReflects() {
        for (GateAudit.Sublayer s : audit("ddl_cc_ec:eps=1e-9,start=2").sublayers()) {
            for (int i = 0; i < TEXT.length; i++) {
                assertEquals(2, s.gate()[i], 0.01);
                assertEquals(s.before()[i], s.after()[i], 0.01 * s.before()[i]);
            }
        }
    }

    @Test
    void aRuleWithoutSuchGatesIsRefused() {
        for (String rule : new String[] {"additive", "ddl_scalar:gates=separate"}) {
            Throwable e = assertThrows(IllegalArgumentException.class, () -> audit(rule));
            assertTrue(e.getMessage().contains("expected one with one gate a sublayer"), e.getMessage());
        }
    }

    @Test
    void writeOnlyDoesNotShrinkIt() {
        double worst = 0;
        for (GateAudit.Sublayer s : audit("ddl_scalar:gates=write_only").sublayers()) {
            for (double x : s.deviation()) {
                worst = Math.max(worst, x);
            }
        }
        assertTrue(worst > 0.01, "the audit reads the states, not the equation");
    }

    @Test
    void alignmentKnowsNoSignAndNoLength() {
        assertEquals(1, GateAudit.alignment(new double[] {3, 4}, new double[] {-6, -8}), 1e-15);
        assertEquals(0, GateAudit.alignment(new double[] {3, 4}, new double[] {4, -3}), 1e-15);
        assertEquals(0.6, GateAudit.alignment(new double[] {3, 4}, new double[] {2, 0}), 1e-15);
    }

    /** Each round has its own gates, and the first is that of a block applied once. */
    @Test
    void aBlockThatIsAppliedAgainIsAuditedAgain() {
        Device device = Device.reference();
        Gpt gpt = new Gpt(GptConfig.of(7, 1, 2, 8), ResidualStream.of("ddl_scalar:eps=1e-9"), device, DType.F64, 3);
        Batch batch = new Batch(2, 4, TEXT, new int[8]);
        GateAudit thrice = GateAudit.of(gpt, device, batch, 3);
        GateAudit once = GateAudit.of(gpt, device, batch, 1);
        assertEquals(6, thrice.sublayers().size());
        for (int s = 0; s < 2; s++) {
            assertArrayEquals(
                    once.sublayers().get(s).gate(), thrice.sublayers().get(s).gate());
            assertArrayEquals(
                    once.sublayers().get(s).after(), thrice.sublayers().get(s).after());
        }
        for (int s = 0; s < 6; s++) {
            GateAudit.Sublayer at = thrice.sublayers().get(s);
            for (int i = 0; i < 8; i++) {
                double[] k = at.direction()[i];
                double squares = 0;
                for (double x : k) {
                    squares += x * x;
                }
                assertEquals(8, k.length);
                assertEquals(1, squares, 1e-12);
                assertEquals(Math.abs(1 - at.gate()[i]) * at.before()[i], at.after()[i], 1e-12);
            }
            assertTrue(s < 2 || at.gate()[0] != thrice.sublayers().get(s - 2).gate()[0]);
        }
    }
}
