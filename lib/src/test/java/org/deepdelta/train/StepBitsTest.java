package org.deepdelta.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.residual.DeltaConfig;
import org.deepdelta.residual.DeltaScalar;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Training steps on the kernels have the same bits interpreted as after the JIT has compiled them. */
final class StepBitsTest {
    private static final int STEPS = 5;

    @Test
    void interpretedAndCompiled() throws Exception {
        for (int i = 0; i < 300; i++) {
            train(STEPS);
        }
        long compiled = train(STEPS);
        Process interpreter = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xint",
                        "--add-modules=jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StepBitsTest.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String interpreted = new String(interpreter.getInputStream().readAllBytes()).trim();
        assertTrue(interpreter.waitFor(2, TimeUnit.MINUTES));
        assertEquals(Long.toHexString(compiled), interpreted);
    }

    public static void main(String[] args) {
        System.out.println(Long.toHexString(train(STEPS)));
    }

    private static long train(int steps) {
        Device device = Device.cpu();
        GptConfig config = GptConfig.of(19, 1, 2, 24);
        Gpt model = new Gpt(config, new DeltaScalar(DeltaConfig.reference()), device, DType.F32, 1);
        Tensor gradients = model.parameters().like(device);
        Optimizer optimizer = new Optimizer(model.parameters(), Optimizer.Config.paper(), device);
        Arena arena = device.arena();
        Tensor ids = device.allocate(Spec.of(DType.I32, Shape.of(2, 5))).set(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        Tensor targets = device.allocate(Spec.of(DType.I32, Shape.of(2, 5))).set(2, 3, 4, 5, 18, 7, 8, 9, 0, -1);
        CRC32 crc = new CRC32();
        for (int step = 0; step < steps; step++) {
            Tape t = Tape.recording(device, arena);
            model.parameters().bind(t, gradients, false);
            Tensor loss = model.loss(t, ids, targets, 9);
            t.backward(loss);
            optimizer.update(t, 1e-2, gradients);
            add(crc, loss);
            arena.reset();
        }
        add(crc, model.parameters().storage());
        return crc.getValue();
    }

    private static void add(CRC32 crc, Tensor tensor) {
        for (double x : tensor.toDoubles()) {
            int bits = Float.floatToRawIntBits((float) x);
            for (int shift = 0; shift < 32; shift += 8) {
                crc.update(bits >>> shift);
            }
        }
    }
}
