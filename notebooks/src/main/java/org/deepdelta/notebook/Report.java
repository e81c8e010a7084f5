package org.deepdelta.notebook;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.deepdelta.report.Preset;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/**
 * The report of executed notebooks: an index page, one page a notebook and, where there is a Chromium, one PDF a notebook
 * and all of them in one, {@code report.pdf}.
 */
final class Report {

    static final String TITLE = "Deep Delta Learning";
    private static final String SUBTITLE = "Notebooks on arXiv 2601.00417, computed by the library";

    private final Jupyter jupyter;
    private final Path folder;
    private final Path scratch;
    private final Progress progress;

    private record Entry(Notebook notebook, String title, Element lead, double seconds, Path html, Path pdf) {}

    /**
     * A report to be written.
     *
     * @param folder where it goes; emptied of an earlier one
     * @param scratch for what lies between notebook and page
     */
    Report(Jupyter jupyter, Path folder, Path scratch, Progress progress) {
        this.jupyter = jupyter;
        this.folder = folder;
        this.scratch = scratch;
        this.progress = progress;
    }

    /** Writes it. */
    void write(List<Execution.Result> results, Preset preset, Stamp stamp) throws IOException, InterruptedException {
        write(results, List.of(), List.of(), preset, stamp);
    }

    /**
     * Writes it with problem sets.
     *
     * @param sets the problem sets
     * @param executed the instructor's version of each, with its outputs
     */
    void write(
            List<Execution.Result> results, List<ProblemSet> sets, List<Notebook> executed, Preset preset, Stamp stamp)
            throws IOException, InterruptedException {
        empty();
        List<Entry> entries = new ArrayList<>();
        List<Element> bodies = new ArrayList<>();
        for (Execution.Result result : results) {
            Notebook notebook = result.executed().orElseThrow();
            Element body = new Fragment(jupyter, scratch).of(notebook, preset);
            Element heading = body.selectFirst("h1");
            bodies.add(body);
            entries.add(new Entry(
                    notebook,
                    heading == null ? notebook.title() : heading.text(),
                    lead(body),
                    result.seconds(),
                    folder.resolve(notebook.name() + ".html"),
                    folder.resolve(notebook.name() + ".pdf")));
        }
        boolean pdf = jupyter.setup().chromium().isPresent();
        for (int i = 0; i < entries.size(); i++) {
            save(page(entries, i, bodies.get(i), stamp), entries.get(i).html());
        }
        Element index = index(entries, stamp, pdf, Map.of());
        if (!sets.isEmpty()) {
            List<Element> exercises =
                    new ExercisePages(new Fragment(jupyter, scratch), folder, preset).write(sets, executed, stamp);
            exercises.forEach(index.selectFirst("h2.made")::before);
        }
        save(Page.of(TITLE, List.of(index)), folder.resolve("index.html"));
        progress.line("report: " + entries.size() + " pages and an index");
        if (pdf) {
            print(new Printer(jupyter.setup().chromium().get(), scratch), entries, stamp);
        } else {
            progress.line(
                    "report: HTML ONLY, no PDF: there is no Chromium or Chrome (notebooks/setup says how to get one)");
        }
        progress.line("report: " + folder.resolve("index.html"));
    }

    private void print(Printer printer, List<Entry> entries, Stamp stamp) throws IOException, InterruptedException {
        Map<String, Path> parts = new LinkedHashMap<>();
        for (Entry entry : entries) {
            printer.print(entry.html(), entry.pdf());
            parts.put(entry.notebook().name(), entry.pdf());
        }
        // Page numbers depend on how long the cover is, which they hardly change: it is printed once to be measured.
        Path cover = scratch.resolve("cover.html");
        Path coverPdf = scratch.resolve("cover.pdf");
        Map<String, Integer> pages = Map.of();
        for (int pass = 0; pass < 2; pass++) {
            save(Page.of(TITLE, List.of(index(entries, stamp, true, pages))), cover);
            printer.print(cover, coverPdf);
            pages = Book.firstPages(coverPdf, parts);
        }
        Path whole = folder.resolve("report.pdf");
        Book.bind(coverPdf, parts, whole, TITLE);
        for (Path part : parts.values()) {
            Book.number(part);
        }
        progress.line(String.format(
                Locale.ROOT,
                "report: %d PDF, and %s, %,d bytes",
                entries.size(),
                whole.getFileName(),
                Files.size(whole)));
    }

    private static Document page(List<Entry> entries, int i, Element body, Stamp stamp) throws IOException {
        Element top = new Element("nav").addClass("pages");
        top.appendElement("span").appendElement("a").attr("href", "index.html").text(TITLE);
        Element turn = top.appendElement("span");
        if (i > 0) {
            link(turn, entries.get(i - 1), "\u2190 " + entries.get(i - 1).title());
        }
        if (i > 0 && i + 1 < entries.size()) {
            turn.appendText(" \u00b7 ");
        }
        if (i + 1 < entries.size()) {
            link(turn, entries.get(i + 1), entries.get(i + 1).title() + " \u2192");
        }
        Element article = new Element("article");
        new ArrayList<>(body.childNodes()).forEach(article::appendChild);
        Element foot = new Element("footer").text(stamp.line());
        return Page.of(entries.get(i).title(), List.of(top, article, foot));
    }

    private static void link(Element parent, Entry entry, String text) {
        parent.appendElement("a")
                .attr("href", entry.html().getFileName().toString())
                .text(text);
    }

    /** The index; with page numbers it is the cover of the combined PDF. */
    private static Element index(List<Entry> entries, Stamp stamp, boolean pdf, Map<String, Integer> pages) {
        Element index = new Element("div").addClass("index");
        index.appendElement("h1").text(TITLE);
        index.appendElement("p").text(SUBTITLE);
        for (Entry entry : entries) {
            Element box = index.appendElement("section").addClass("entry");
            Element heading = box.appendElement("h2");
            Optional.ofNullable(pages.get(entry.notebook().name()))
                    .ifPresent(page ->
                            heading.appendElement("span").addClass("page").text(String.valueOf(page)));
            link(heading, entry, entry.title());
            box.appendChild(entry.lead().clone());
            if (pages.isEmpty()) {
                Element where = box.appendElement("p").addClass("where");
                link(where, entry, "web page");
                if (pdf) {
                    where.appendText(" \u00b7 ");
                    where.appendElement("a")
                            .attr("href", entry.pdf().getFileName().toString())
                            .text("PDF");
                }
                where.appendText(String.format(Locale.ROOT, " \u00b7 executed in %.0f s", entry.seconds()));
            }
        }
        if (pdf && pages.isEmpty()) {
            Element all = index.appendElement("p").text("All of it in one file: ");
            all.appendElement("a").attr("href", "report.pdf").text("report.pdf");
        }
        index.appendElement("h2").addClass("made").text("How this was made");
        index.appendChild(stamp.html());
        return index;
    }

    /** The first paragraph that does not name authors: what the notebook claims. */
    private static Element lead(Element body) {
        Element first = body.selectFirst(".text_cell_render > p:not(.authors)");
        return first == null ? new Element("p") : first.clone();
    }

    private static void save(Document page, Path file) throws IOException {
        Files.writeString(file, page.outerHtml(), StandardCharsets.UTF_8);
        List<String> loads = Page.loads(file);
        if (!loads.isEmpty()) {
            throw new IllegalStateException(file.getFileName() + " would load from elsewhere: " + loads);
        }
    }

    private void empty() throws IOException {
        Files.createDirectories(folder);
        Files.createDirectories(scratch);
        List<Path> old;
        try (var files = Files.walk(folder)) {
            old = files.filter(Files::isRegularFile).toList();
        }
        for (Path file : old) {
            Files.delete(file);
        }
    }
}
