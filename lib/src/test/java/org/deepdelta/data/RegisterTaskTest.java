package org.deepdelta.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.deepdelta.data.RegisterTask.Kind;
import org.deepdelta.operator.DeltaOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The register machine, beside one that carries its programs out from the first instruction to the last. */
final class RegisterTaskTest {
    private static final int M = 6;
    private static final int R = 4;

    private static RegisterTask task(Kind kind) {
        return new RegisterTask(M, R, 5, kind, 3);
    }

    private static int first(RegisterTask task) {
        return task.vocabulary() - task.registers();
    }

    private static int[] row(RegisterTask task, Batch batch, int b) {
        return Arrays.copyOfRange(batch.ids(), b * task.length(), (b + 1) * task.length());
    }

    @ParameterizedTest
    @EnumSource
    void answersAreThoseOfTheMachine(Kind kind) {
        RegisterTask task = task(kind);
        Batch batch = task.training(50).batch(3);
        for (int b = 0; b < 50; b++) {
            int[] ids = row(task, batch, b);
            int[] held = {0, 1, 2, 3, 4, 5};
            for (int t = R - 1; t >= 0; t--) {
                int[] named = task.named(ids[t]);
                int a = held[named[0]];
                held[named[0]] = held[named[1]];
                held[named[1]] = kind == Kind.EXCHANGE ? a : held[named[1]];
                assertEquals(Batch.IGNORED, batch.targets()[b * task.length() + t]);
            }
            for (int j = R; j < ids.length; j++) {
                int answer = batch.targets()[b * task.length() + j] - first(task);
                assertEquals(held[ids[j] - first(task)], answer);
            }
        }
    }

    /** The known optimum for exchanges: one Delta operator at beta = 2 an instruction, in m dimensions. */
    @Test
    void reflectionsSolveExchanges() {
        RegisterTask task = task(Kind.EXCHANGE);
        Batch batch = task.heldOut(30).batch(1);
        for (int b = 0; b < 30; b++) {
            int[] ids = row(task, batch, b);
            for (int j = R; j < ids.length; j++) {
                INDArray state = pointer(ids[j] - first(task));
                for (int t = 0; t < R; t++) {
                    state = DeltaOperator.of(2, direction(task.named(ids[t]))).apply(state);
                }
                INDArray answer = pointer(batch.targets()[b * task.length() + j] - first(task));
                assertTrue(state.distance2(answer) < 1e-12, state::toString);
            }
        }
    }

    /** One rewrite puts a and b where a move wants them and loses the others, or keeps the others and is half-way. */
    @Test
    void oneRewriteIsNoMove() {
        DeltaOperator once = DeltaOperator.of(1, direction(new int[] {0, 1}));
        INDArray target = Nd4j.createFromArray(-Math.sqrt(0.5));
        assertTrue(once.update(pointer(0), target).distance2(pointer(1)) < 1e-12);
        assertTrue(once.update(pointer(1), target).distance2(pointer(1)) < 1e-12);
        assertEquals(Math.sqrt(0.5), once.update(pointer(2), target).distance2(pointer(2)), 1e-12);
        assertTrue(once.apply(pointer(2)).distance2(pointer(2)) < 1e-12);
        assertTrue(once.apply(pointer(0)).distance2(pointer(0).add(pointer(1)).muli(0.5)) < 1e-12);
    }

    private static INDArray pointer(int register) {
        INDArray e = Nd4j.zeros(DataType.DOUBLE, M);
        e.putScalar(register, 1);
        return e;
    }

    private static INDArray direction(int[] named) {
        return pointer(named[0]).sub(pointer(named[1])).muli(Math.sqrt(0.5));
    }

    @ParameterizedTest
    @CsvSource({"EXCHANGE, 15", "MOVE, 30"})
    void tokensSaySlotAndRegisters(Kind kind, int pairs) {
        RegisterTask task = task(kind);
        assertEquals(R * pairs + M, task.vocabulary());
        Set<List<Integer>> named = new HashSet<>();
        for (int p = 0; p < pairs; p++) {
            int[] some = task.named(2 * pairs + p);
            assertTrue(some[0] != some[1] && Math.max(some[0], some[1]) < M && Math.min(some[0], some[1]) >= 0);
            assertTrue(named.add(List.of(some[0], some[1])) && !named.contains(List.of(some[1], some[0]))
                    || kind == Kind.MOVE);
        }
        assertEquals(pairs, named.size());
        int[] ids = task.training(8).batch(0).ids();
        for (int i = 0; i < ids.length; i++) {
            assertEquals(Math.min(i % task.length(), R), ids[i] / pairs);
        }
    }

    /** With few programs all occur: those of the test in no batch of training. */
    @Test
    void heldOutProgramsNeverOccurInTraining() {
        RegisterTask few = new RegisterTask(4, 2, 1, Kind.EXCHANGE, 7);
        Set<List<Integer>> training = programs(few, few.training(64));
        Set<List<Integer>> heldOut = programs(few, few.heldOut(64));
        assertEquals(36, training.size() + heldOut.size());
        assertTrue(heldOut.size() >= 2, heldOut::toString);
        heldOut.forEach(program -> assertFalse(training.contains(program), program::toString));
    }

    private static Set<List<Integer>> programs(RegisterTask task, Batches batches) {
        Set<List<Integer>> programs = new HashSet<>();
        for (long position = 0; position < 30; position++) {
            Batch batch = batches.batch(position);
            for (int b = 0; b < batch.B(); b++) {
                programs.add(Arrays.stream(row(task, batch, b)).limit(2).boxed().toList());
            }
        }
        return programs;
    }

    /**
     * What knows too little scores, of the questions whose pointer changes twice or more: those who answer "unchanged", and those who obey the last
     * or the first instruction that names the register asked for.
     */
    @ParameterizedTest
    @CsvSource({"EXCHANGE, 0.26, 0.19, 0.08, 0.03", "MOVE, 0.075, 0.20, 0.04, 0.01"})
    void littleKnowledgeScoresLittle(Kind kind, double share, double unchanged, double last, double first) {
        RegisterTask task = new RegisterTask(6, 3, 6, kind, 7);
        Batch all = task.heldOut(2000).batch(0);
        Batch twice = task.changing(all, 2, 3);
        double[] right = new double[3];
        for (int j = 0; j < twice.ids().length; j++) {
            if (twice.targets()[j] != Batch.IGNORED) {
                int symbol = twice.ids()[j] - first(task);
                int answer = twice.targets()[j] - first(task);
                int[] once = obeyed(task, twice.ids(), j - j % task.length(), symbol);
                right[0] += symbol == answer ? 1 : 0;
                right[1] += once[once.length - 1] == answer ? 1 : 0;
                right[2] += once[0] == answer ? 1 : 0;
            }
        }
        assertEquals(share, (double) twice.scored() / all.scored(), 0.015);
        assertEquals(unchanged, right[0] / twice.scored(), 0.03);
        assertEquals(last, right[1] / twice.scored(), 0.02);
        assertEquals(first, right[2] / twice.scored(), 0.02);
    }

    /** Where each of the instructions that name a register would send it, alone. */
    private static int[] obeyed(RegisterTask task, int[] ids, int row, int register) {
        return Arrays.stream(ids, row, row + task.instructions())
                .mapToObj(task::named)
                .filter(n -> n[0] == register || n[1] == register && task.kind() == Kind.EXCHANGE)
                .mapToInt(n -> n[0] == register ? n[1] : n[0])
                .toArray();
    }

    @Test
    void questionsAreSortedByTheirChanges() {
        RegisterTask task = task(Kind.EXCHANGE);
        Batch all = task.training(40).batch(2);
        int scored = 0;
        for (int n = 0; n <= R; n++) {
            Batch some = task.changing(all, n, n);
            scored += some.scored();
            for (int j = 0; n == 0 && j < some.ids().length; j++) {
                assertTrue(some.targets()[j] == Batch.IGNORED || some.targets()[j] == some.ids()[j]);
            }
        }
        assertEquals(all.scored(), scored);
        assertArrayEquals(all.targets(), task.changing(all, 0, R).targets());
    }

    @Test
    void batchesAreAFunctionOfPositionAndSeed() {
        RegisterTask task = task(Kind.MOVE);
        assertArrayEquals(
                task.training(4).batch(2).ids(),
                task(Kind.MOVE).training(4).batch(2).ids());
        assertArrayEquals(
                Arrays.copyOf(task.training(8).batch(2).ids(), task.length()),
                task.training(1).batch(2).ids(),
                "B changes no question");
        RegisterTask other = new RegisterTask(M, R, 5, Kind.MOVE, 4);
        for (Batch batch : List.of(
                task.training(4).batch(3),
                task.heldOut(4).batch(2),
                other.training(4).batch(2))) {
            assertFalse(Arrays.equals(task.training(4).batch(2).ids(), batch.ids()));
        }
    }

    @Test
    void wrongSizesAreNamed() {
        for (int[] sizes : new int[][] {{2, 1, 1}, {3, 0, 1}, {3, 1, 0}}) {
            String said = assertThrows(
                            IllegalArgumentException.class,
                            () -> new RegisterTask(sizes[0], sizes[1], sizes[2], Kind.EXCHANGE, 0))
                    .getMessage();
            assertTrue(said.contains("registers " + sizes[0] + ", instructions " + sizes[1]), said);
        }
        RegisterTask tiny = new RegisterTask(3, 1, 1, Kind.EXCHANGE, 1);
        String said = assertThrows(
                        IllegalStateException.class, () -> tiny.heldOut(1).batch(0))
                .getMessage();
        assertTrue(said.contains("no program held out"), said);
    }
}
