package org.deepdelta.experiment.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
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
        System.out.println(String.join("\n", findings.lines()));
        System.out.println(folder.resolve("operations.safetensors").toFile().length());
        System.out.println(trial.ran());
        assertEquals(0, findings.failed(), () -> String.join("\n", findings.lines()));
        assertEquals(Set.of(), trial.ran());
    }
}
