package org.deepdelta.experiment.study;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** What runs take on this machine, measured once for each size. */
public final class Costs {
    private final Function<String, Task> tasks;
    private final Map<RunConfig, Cost> bySize = new ConcurrentHashMap<>();

    /** With nothing measured yet. */
    public Costs() {
        this(Study.tasks());
    }

    Costs(Function<String, Task> tasks) {
        this.tasks = tasks;
    }

    /** What a run takes. */
    public Cost of(Run run) {
        return bySize.computeIfAbsent(Cost.size(run.config()), c -> Cost.of(c, tasks.apply(c.task())));
    }
}
