package org.deepdelta.notebook;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Executes every notebook, and what else the system properties ask for: {@code ddl.preset} (smoke, laptop, paper),
 * {@code ddl.notebooks} (the beginnings of names, comma between), {@code ddl.plants} (none, first, all),
 * {@code ddl.update} (write the outputs back), {@code ddl.report} (make the report).
 *
 * <p>Exit code 0 if every notebook ran without an error and without a word on standard error, and every planted fault
 * was seen by the notebook's last cell.
 */
public final class Main {

    private static final int AT_A_TIME = 2;

    private final Checkout checkout;
    private final Options options;
    private final Progress progress;

    private Main(Checkout checkout, Options options, Progress progress) {
        this.checkout = checkout;
        this.options = options;
        this.progress = progress;
    }

    /** Takes no arguments; see the class. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        boolean passed;
        try {
            passed = new Main(Checkout.current(), Options.ofSystemProperties(), new Progress(System.out)).run();
        } catch (IllegalArgumentException | IllegalStateException e) {
            System.out.println("[notebooks] " + e.getMessage());
            passed = false;
        }
        System.exit(passed ? 0 : 1);
    }

    private boolean run() throws IOException, InterruptedException {
        List<List<Execution>> work = work();
        List<ProblemSet> sets = options.report() ? sets() : List.of();
        sets.forEach(set -> work.add(
                List.of(new Execution(new Notebook(set.name(), set.source().json()), Optional.empty(), folder()))));
        if (work.isEmpty()) {
            progress.line("no notebooks" + (options.names().isEmpty() ? "" : " of " + options.names()));
            return options.names().isEmpty();
        }
        Jupyter jupyter = new Jupyter(checkout);
        progress.line(work.stream().mapToInt(List::size).sum() + " to run at preset " + options.preset() + ", "
                + AT_A_TIME + " at a time, on " + jupyter.kernel());
        long start = System.nanoTime();
        List<Execution.Result> results = execute(jupyter, work);
        double seconds = (System.nanoTime() - start) * 1e-9;
        long failed = results.stream().filter(r -> !r.passed()).count();
        progress.line(results.size() - failed + " passed, " + failed + " failed");
        if (failed > 0) {
            return false;
        }
        List<Execution.Result> exercises = results.subList(results.size() - sets.size(), results.size());
        List<Execution.Result> whole = results.subList(0, results.size() - sets.size()).stream()
                .filter(r -> r.execution().plant().isEmpty())
                .toList();
        if (options.report()) {
            Path scratch = checkout.target().resolve("pages");
            Stamp stamp = Stamp.of(checkout, jupyter, options, seconds);
            new Report(jupyter, checkout.target().resolve("report"), scratch, progress)
                    .write(whole, sets, executed(exercises), options.preset(), stamp);
        }
        return !options.update() || writeBack(executed(whole));
    }

    private static List<Notebook> executed(List<Execution.Result> results) {
        return results.stream().map(r -> r.executed().orElseThrow()).toList();
    }

    private List<ProblemSet> sets() throws IOException {
        return ProblemSet.of(checkout).stream()
                .filter(set -> options.wants(set.name()))
                .toList();
    }

    private Path folder() {
        return checkout.target().resolve("executed").resolve(options.preset().toString());
    }

    /** Every notebook with its plants, which run on the notebook's kernel after it. */
    private List<List<Execution>> work() throws IOException {
        List<List<Execution>> work = new ArrayList<>();
        for (Path file : checkout.committed()) {
            Notebook notebook = Notebook.read(file);
            if (!options.wants(notebook.name())) {
                continue;
            }
            List<Execution> sitting = new ArrayList<>();
            sitting.add(new Execution(notebook, Optional.empty(), folder()));
            Plant.of(checkout, notebook.name()).stream()
                    .limit(options.plants().limit())
                    .forEach(plant -> sitting.add(new Execution(notebook, Optional.of(plant), folder())));
            work.add(sitting);
        }
        return work;
    }

    private List<Execution.Result> execute(Jupyter jupyter, List<List<Execution>> work)
            throws IOException, InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(AT_A_TIME);
        try {
            List<Future<List<Execution.Result>>> futures = new ArrayList<>();
            for (List<Execution> sitting : work) {
                futures.add(pool.submit(() -> {
                    List<Execution.Result> results = Execution.run(sitting, jupyter, options.preset(), progress);
                    results.forEach(this::tell);
                    return results;
                }));
            }
            List<Execution.Result> results = new ArrayList<>();
            for (Future<List<Execution.Result>> future : futures) {
                results.addAll(future.get());
            }
            return results;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IllegalArgumentException wrong) {
                throw wrong;
            }
            throw new IOException(e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }

    private void tell(Execution.Result result) {
        String label = result.execution().label();
        if (result.passed()) {
            progress.line(String.format(Locale.ROOT, "%s: passed in %.1f s", label, result.seconds()));
            return;
        }
        progress.line(label + ": FAILED");
        result.complaints().forEach(complaint -> progress.line("  " + complaint.replace("\n", "\n    ")));
    }

    private boolean writeBack(List<Notebook> executed) throws IOException {
        boolean good = true;
        for (Notebook notebook : executed) {
            Path file = checkout.notebooks().resolve(notebook.name() + ".ipynb");
            Notebook sealed = Seal.sealed(notebook, options.preset());
            sealed.write(file);
            long bytes = Files.size(file);
            progress.line(String.format(Locale.ROOT, "%s: written back, %,d bytes", notebook.name(), bytes));
            for (String complaint : Seal.complaints(sealed, bytes)) {
                progress.line("  " + complaint);
                good = false;
            }
        }
        return good;
    }
}
