package org.deepdelta.experiment.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.model.Rules;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.tensor.cuda.HostDevices;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OperationTrialTest {
    @TempDir
    Path folder;

    @Test
    void everyOperationPassesOnTheShim() throws IOException {
        Values values = new Values(folder);
        OperationTrial.make(values);
        OperationTrial trial = new OperationTrial(name -> true);
        Findings findings = trial.run(HostDevices.forward(), values);
        assertEquals(0, findings.failed(), () -> String.join("\n", findings.lines()));
        Set<String> untried = operationsOfTraining();
        untried.removeAll(trial.ran());
        assertEquals(Set.of(), untried, "operations of a training step that the trial has no case of");
    }

    /** Every operation that a training step of any rule uses. */
    private static Set<String> operationsOfTraining() {
        Set<String> names = new TreeSet<>(Set.of("adamw", "gradient_sum"));
        Device device = Device.cpu();
        for (String rule : Rules.ALL) {
            Gpt gpt = new Gpt(GptConfig.of(7, 1, 2, 8), ResidualStream.of(rule), device, DType.F32, 1);
            Tape t = Tape.recording(device, device.arena());
            gpt.parameters().bind(t, gpt.parameters().like(device), false);
            Tensor ids = t.allocate(Spec.of(DType.I32, Shape.of(1, 3))).set(1, 2, 3);
            t.backward(gpt.loss(t, ids, ids, 3));
            t.ran().keySet().forEach(ran -> names.add(ran.substring(0, ran.indexOf(' '))));
            t.arena().close();
        }
        return names;
    }
}
