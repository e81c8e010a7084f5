package org.deepdelta.notebook;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.deepdelta.report.Preset;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/**
 * The problem sets in the report, in two folders apart from each other, so that one can be handed out without the other: what students
 * get, and the executed instructor's version with solutions, hidden checks and mark schemes. No page for students leads to one of these.
 */
final class ExercisePages {

    private final Fragment fragment;
    private final Path folder;
    private final Preset preset;

    private record Version(String folder, String heading, String words) {}

    private static final Version STUDENT = new Version("student", "Exercises, for students", "As they are handed out.");
    private static final Version INSTRUCTOR = new Version(
            "instructor", "Exercises, for instructors", "With solutions, hidden checks and mark schemes. Executed.");

    /** @param folder of the report; the pages go below it */
    ExercisePages(Fragment fragment, Path folder, Preset preset) {
        this.fragment = fragment;
        this.folder = folder.resolve("exercises");
        this.preset = preset;
    }

    /**
     * Writes all pages.
     *
     * @param sets the problem sets
     * @param executed the instructor's version of each, with its outputs
     * @return what the index says of them
     */
    List<Element> write(List<ProblemSet> sets, List<Notebook> executed, Stamp stamp)
            throws IOException, InterruptedException {
        Element students = box(STUDENT);
        Element instructors = box(INSTRUCTOR);
        for (int i = 0; i < sets.size(); i++) {
            String name = sets.get(i).name();
            page(STUDENT, new Notebook(name + "-student", sets.get(i).student().json()), name, students, stamp);
            page(INSTRUCTOR, new Notebook(name + "-instructor", executed.get(i).json()), name, instructors, stamp);
        }
        return List.of(students, instructors);
    }

    private static Element box(Version version) {
        Element box = new Element("section").addClass("exercises");
        box.appendElement("h2").text(version.heading());
        box.appendElement("p").text(version.words());
        box.appendElement("ul");
        return box;
    }

    private void page(Version version, Notebook notebook, String name, Element box, Stamp stamp)
            throws IOException, InterruptedException {
        Path file = folder.resolve(version.folder()).resolve(name + ".html");
        Element article = new Element("article");
        Element body = fragment.of(notebook, preset);
        new ArrayList<>(body.childNodes()).forEach(article::appendChild);
        List<Element> content = new ArrayList<>();
        if (version.equals(INSTRUCTOR)) {
            Element top = new Element("nav").addClass("pages");
            top.appendElement("span")
                    .appendElement("a")
                    .attr("href", "../../index.html")
                    .text(Report.TITLE);
            top.appendElement("span").text("instructor's version");
            content.add(top);
        }
        content.add(article);
        content.add(new Element("footer").text(stamp.line()));
        Document page = Page.of(notebook.title(), content);
        Files.createDirectories(file.getParent());
        Files.writeString(file, page.outerHtml(), StandardCharsets.UTF_8);
        List<String> loads = Page.loads(file);
        if (!loads.isEmpty()) {
            throw new IllegalStateException(file.getFileName() + " would load from elsewhere: " + loads);
        }
        Element item = box.selectFirst("ul").appendElement("li");
        item.appendElement("a")
                .attr("href", "exercises/" + version.folder() + "/" + name + ".html")
                .text(notebook.title());
        Element points = article.selectFirst(".text_cell_render > p > em");
        if (points != null) {
            item.appendText(" \u00b7 " + points.text());
        }
    }
}
