package org.deepdelta.experiment.study;

import java.io.Serializable;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import org.deepdelta.train.RunLog;

/** Where the runs of a study are computed: in this process, or on other machines that a {@link Provider} reaches. */
public interface RunExecutor extends AutoCloseable {

    /** Reaches machines by an address; listed for {@link ServiceLoader} under this interface's name. */
    interface Provider {

        /** Whether an address is of its kind. */
        boolean takes(String address);

        /**
         * Reaches them.
         *
         * @throws IllegalArgumentException if the address is wrong, saying what was expected
         * @throws IllegalStateException if nothing answers, saying what is missing
         */
        RunExecutor open(String address);
    }

    /**
     * A run, and all that computing it needs.
     *
     * @param run what is to be run
     * @param fingerprint of the code that asks for it
     * @param commit of that code
     * @param folder path of its checkpoints; it is continued from the newest that is there
     */
    record Assignment(Run run, Fingerprint fingerprint, String commit, String folder) implements Serializable {}

    /** This process: a thread a run, as long as all of them together stay below so many bytes outside the Java heap. */
    static RunExecutor local(int parallel, long bytes) {
        return new LocalExecutor(parallel, bytes);
    }

    /**
     * The executor at an address.
     *
     * @throws IllegalArgumentException if no provider here takes it, naming the profile that may be missing
     * @throws IllegalStateException if it cannot be reached, saying what is missing
     */
    static RunExecutor at(String address) {
        ServiceConfigurationError left = null;
        try {
            for (Provider provider : ServiceLoader.load(Provider.class, RunExecutor.class.getClassLoader())) {
                if (provider.takes(address)) {
                    return provider.open(address);
                }
            }
        } catch (ServiceConfigurationError e) {
            left = e; // listed by a build with the profile, in whose folder one without it works now
        }
        throw new IllegalArgumentException(
                "executor: expected local, or with the profile spark (mvn -Pspark) the URL of"
                        + " a Spark master, such as spark://host:7077; got " + address,
                left);
    }

    /** Runs that it computes at a time, as far as it knows now. */
    int parallel();

    /** Runs that it takes at a time; where that is more than {@link #parallel}, it keeps the others waiting. */
    default int capacity() {
        return parallel();
    }

    /**
     * Computes a run; several threads may ask at a time.
     *
     * @param listener told of steps where they can be seen from here
     * @return null if it was stopped
     * @throws RuntimeException if it cannot be computed, saying why
     */
    RunResult execute(Assignment assignment, Consumer<RunLog.Row> listener);

    /** Asks all runs under way to stop, each with a checkpoint, and takes no more; from any thread. */
    void stop();

    /** Lets go of what it holds. */
    @Override
    void close();
}
