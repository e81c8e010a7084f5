package org.deepdelta.residual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import java.util.function.IntUnaryOperator;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ManifoldHyperConnectionsTest {
    private static final int LAST = 2 * StreamRun.LAYERS;

    @ParameterizedTest
    @CsvSource({"mhc,0.475,0.175", "mhc_flat,0.475,0.175", "mhc:logits=6,0.993,0.002", "mhc_flat:logits=6,0.993,0.002"})
    void start(String rule, double diagonal, double off) {
        StreamRun run = new StreamRun(StreamRun.fresh(rule, 1e-5, Device.reference(), DType.F64), 1);
        for (int s = 0; s < LAST; s++) {
            for (int k = 0; k < 16; k++) {
                assertEquals(k % 5 == 0 ? diagonal : off, run.coefficient("mix", s, 0, 16, k), 5e-4);
            }
            for (int j = 0; j < 4; j++) {
                assertEquals(j == s % 4 ? sigmoid(1) : 0.5, run.coefficient("read", s, 0, 4, j), 1e-12);
                assertEquals(2 * sigmoid(1), run.coefficient("write", s, 0, 4, j), 1e-12);
            }
        }
    }

    /** Columns come as near to it as the rounds bring them, away from the start; with c = 6 these converge more slowly. */
    @ParameterizedTest
    @CsvSource({"mhc,1e-12", "mhc_flat,1e-6", "mhc_flat:streams=3,1e-9", "mhc:logits=6,0.01", "mhc:rounds=1,0.1"})
    void rowsSumToOne(String rule, double columnsWithin, TestReporter reporter) {
        StreamRun run = StreamRun.ofMoved(rule);
        double rows = 0;
        double columns = 0;
        int n = run.n;
        for (int s = 0; s < LAST; s++) {
            for (int token = 0; token < StreamRun.TOKENS; token++) {
                for (int a = 0; a < n; a++) {
                    int line = a;
                    rows = Math.max(rows, gap(run, s, token, k -> line * n + k));
                    columns = Math.max(columns, gap(run, s, token, k -> k * n + line));
                }
            }
        }
        String gaps = String.format(Locale.ROOT, "rows %.2g, columns %.2g from one", rows, columns);
        reporter.publishEntry(rule, gaps);
        assertTrue(rows <= 1e-14, gaps);
        assertTrue(columns <= columnsWithin, gaps);
    }

    private static double gap(StreamRun run, int s, int token, IntUnaryOperator place) {
        double sum = -1;
        for (int k = 0; k < run.n; k++) {
            sum += run.coefficient("mix", s, token, run.n * run.n, place.applyAsInt(k));
        }
        return Math.abs(sum);
    }

    /** What a sublayer adds to the streams in sum is what it wrote: the mixing neither adds nor loses. */
    @ParameterizedTest
    @ValueSource(strings = {"mhc", "mhc_flat", "mhc:rounds=1"})
    void mixingPreservesTheSum(String rule) {
        StreamRun run = StreamRun.ofMoved(rule);
        for (int s = 0; s < LAST; s++) {
            for (int token = 0; token < StreamRun.TOKENS; token++) {
                for (int i = 0; i < StreamRun.D; i++) {
                    double y = run.watched.get("sub." + s + ".h")[token * StreamRun.D + i];
                    double before = 0;
                    double after = 0;
                    for (int j = 0; j < run.n; j++) {
                        before += run.stream(s, token, j, i);
                        after += run.stream(s + 1, token, j, i) - run.coefficient("write", s, token, run.n, j) * y;
                    }
                    assertEquals(before, after, 1e-13, "sublayer " + s);
                }
            }
        }
    }

    /** The coefficients once more, from the states, entry by entry. */
    @ParameterizedTest
    @CsvSource({"mhc,3,2", "mhc,4,6", "mhc_flat,3,1"})
    void coefficientsAsWritten(String name, int n, int c) {
        boolean flat = name.equals("mhc_flat");
        StreamRun run = StreamRun.ofMoved(name + ":logits=" + c + ",streams=" + n);
        for (int s = 0; s < LAST; s++) {
            double[] gamma = run.parameter("mhc", s, "gamma");
            for (int token = 0; token < StreamRun.TOKENS; token++) {
                double[][] logits = new double[n][n];
                for (int j = 0; j < n; j++) {
                    double[] g = run.normalised(s, token, flat ? 0 : j, gamma);
                    double read = logit(run, s, "read", j, flat ? j : 0, g);
                    double write = logit(run, s, "write", j, flat ? j : 0, g);
                    assertEquals(sigmoid(read), run.coefficient("read", s, token, n, j), 1e-9);
                    assertEquals(2 * sigmoid(write), run.coefficient("write", s, token, n, j), 1e-9);
                    for (int i = 0; i < n; i++) {
                        logits[j][i] = logit(run, s, "mix", j * n + i, flat ? j * n + i : i, g);
                    }
                }
                double[][] expected = sinkhorn(logits, 20);
                for (int k = 0; k < n * n; k++) {
                    assertEquals(expected[k / n][k % n], run.coefficient("mix", s, token, n * n, k), 1e-9);
                }
            }
        }
    }

    private static double logit(StreamRun run, int s, String name, int entry, int row, double[] g) {
        double z = StreamRun.product(run.parameter("mhc", s, name + "_weight"), row, g);
        return run.parameter("mhc", s, name)[entry] + run.parameter("mhc", s, name + "_scale")[0] * z;
    }

    private static double[][] sinkhorn(double[][] logits, int rounds) {
        int n = logits.length;
        double[][] m = new double[n][n];
        for (int k = 0; k < n * n; k++) {
            m[k / n][k % n] = Math.exp(logits[k / n][k % n]);
        }
        for (int half = 0; half < 2 * rounds; half++) {
            for (int line = 0; line < n; line++) {
                double sum = 0;
                for (int k = 0; k < n; k++) {
                    sum += half % 2 == 0 ? m[k][line] : m[line][k];
                }
                for (int k = 0; k < n; k++) {
                    m[half % 2 == 0 ? k : line][half % 2 == 0 ? line : k] /= sum;
                }
            }
        }
        return m;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
