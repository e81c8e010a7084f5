package org.deepdelta.experiment.study;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.deepdelta.data.Batch;
import org.deepdelta.data.Batches;
import org.deepdelta.model.Gpt;
import org.deepdelta.nn.NamedOptions;
import org.deepdelta.tensor.Device;
import org.deepdelta.train.Loss;

/**
 * Something to be learnt, and what it is worth to have learnt it. A task is its line of text: two that are described alike give the same
 * batches and score alike. Batches depend on seed and position alone, so all variants of a comparison see the same data in the same order.
 */
public interface Task {

    /** Makes tasks from a configuration; listed for {@link ServiceLoader} under this interface's name. */
    interface Provider {

        /** The names of the tasks that it makes. */
        List<String> names();

        /**
         * Makes a task.
         *
         * @param options all asked for by name, then {@link NamedOptions#done}
         * @throws IllegalArgumentException naming the option, its value and what is allowed
         */
        Task create(NamedOptions options);
    }

    /**
     * The task that a line describes: its name, or {@code name:option=value,option=value}.
     *
     * @throws IllegalArgumentException if no task has this name, listing those that there are, or for a wrong option
     */
    static Task of(String line) {
        NamedOptions options = NamedOptions.parse("task", line);
        return options.of("task", ServiceLoader.load(Provider.class, Task.class.getClassLoader()), Provider::names)
                .create(options);
    }

    /** The line that {@link #of} reads, with every option. */
    String describe();

    /** V of a model for it. */
    int vocabulary();

    /** T, tokens a row. */
    int length();

    /** What is trained on, {@code [rows, T]} by position. */
    Batches training(int rows, long seed);

    /** The loss of the batch at a position; a task may vary from batch to batch, say in the number of rounds. */
    default Loss loss(Gpt gpt, long seed, long position) {
        return gpt::loss;
    }

    /** How often training applies the blocks, on average; the FLOPs of a token depend on it. */
    default double rounds() {
        return 1;
    }

    /**
     * What a trained model is worth, on data that it was not trained on and that no seed changes.
     *
     * @param read tokens that it was trained on
     * @return name to score, such as {@code accuracy.unseen.R=5}, in a fixed order
     */
    Map<String, Double> scores(Gpt gpt, Device device, long read);

    /** Tells two data sets apart, 16 hexadecimal digits. */
    default String digest() {
        StringBuilder rows = new StringBuilder();
        for (int position = 0; position < 4; position++) {
            Batch batch = training(4, 0).batch(position);
            rows.append(Arrays.toString(batch.ids())).append(Arrays.toString(batch.targets()));
        }
        return Hash.of(rows.toString());
    }
}
