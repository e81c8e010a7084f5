package org.deepdelta.experiment.spark;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.deepdelta.experiment.study.RunExecutor;
import org.deepdelta.experiment.study.RunResult;
import org.deepdelta.train.RunLog;

/**
 * The cores of an Apache Spark cluster, a job of one task for each run. Workers need Spark and this library on their class path, and for a run
 * that is lost with its worker to continue rather than to begin anew, the study's work folder under the same path. Spark's own settings are system
 * properties ({@code -Dspark.executor.memory=4g}); without such, an executor a worker takes all its cores and 1 GiB of heap.
 */
public final class SparkExecutor implements RunExecutor {
    private static final int WAITING = 256;

    /** Takes the URLs of Spark masters. */
    public static final class Provider implements RunExecutor.Provider {
        /** For {@link java.util.ServiceLoader}. */
        public Provider() {}

        @Override
        public boolean takes(String address) {
            return address.matches("spark://.+|local\\[.+]|yarn|k8s://.+");
        }

        @Override
        public RunExecutor open(String address) {
            return new SparkExecutor(address);
        }
    }

    private final JavaSparkContext spark;
    private volatile boolean stopping;

    private SparkExecutor(String master) {
        SparkConf conf = new SparkConf()
                .setMaster(master)
                .setAppName("deepdelta study")
                .setIfMissing("spark.ui.enabled", "false")
                .setIfMissing("spark.executor.extraClassPath", code());
        spark = new JavaSparkContext(conf);
    }

    /** Where this library's classes are; workers to which the path means nothing use what they have. */
    private static String code() {
        try {
            return Path.of(RunExecutor.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The cores that have reported so far. */
    @Override
    public int parallel() {
        return spark.defaultParallelism();
    }

    @Override
    public int capacity() {
        return WAITING;
    }

    @Override
    public RunResult execute(Assignment assignment, Consumer<RunLog.Row> listener) {
        if (stopping) {
            return null;
        }
        RunTask.Answer answer;
        try {
            spark.setJobGroup("study", assignment.run().describe(), true);
            answer = spark.parallelize(List.of(assignment), 1).map(new RunTask()).first();
        } catch (Exception e) { // Scala's methods do not declare SparkException
            if (stopping) {
                return null;
            }
            throw new IllegalStateException(why(e), e);
        }
        if (answer.error() != null) {
            throw new IllegalStateException(answer.error());
        }
        return answer.result();
    }

    private String why(Exception e) {
        if (spark.sc().isStopped()) {
            return "Spark: no master answers at " + spark.master()
                    + ", or no worker can start an executor: the logs of the workers say why";
        }
        return "Spark: " + String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    @Override
    public void stop() {
        stopping = true;
        spark.cancelJobGroup("study");
    }

    @Override
    public void close() {
        spark.stop();
    }
}
