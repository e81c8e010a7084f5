package org.deepdelta.notebook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.text.PDFTextStripper;
import org.deepdelta.report.Preset;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The report of two small notebooks whose outputs were written by hand. */
final class ReportIT {

    private static Path folder;
    private static boolean chromium;

    private static Execution.Result result(String name, String text) throws Exception {
        Notebook sample = Samples.read("sample");
        Notebook notebook = new Notebook(name, sample.json().deepCopy());
        ((ObjectNode) notebook.cells().get(0)).put("source", text);
        ObjectNode drawing = ((ObjectNode) notebook.cells().get(1))
                .withArrayProperty("outputs")
                .addObject();
        drawing.put("output_type", "display_data");
        drawing.putObject("data")
                .put(
                        "image/svg+xml",
                        "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><path d='M0 0h9'/></svg>");
        drawing.putObject("metadata").putObject("image/svg+xml").put("alt", "a line");
        ObjectNode caption = ((ObjectNode) notebook.cells().get(1))
                .withArrayProperty("outputs")
                .addObject();
        caption.put("output_type", "display_data").putObject("metadata");
        caption.putObject("data").put("text/markdown", "**Figure 1.** A line of slope $\\gamma$.");
        Execution execution = new Execution(sample, Optional.empty(), folder);
        return new Execution.Result(execution, Optional.of(notebook), List.of(), 1);
    }

    @BeforeAll
    static void write() throws Exception {
        Checkout checkout = Checkout.current();
        Jupyter jupyter = new Jupyter(checkout);
        chromium = jupyter.setup().chromium().isPresent();
        folder = checkout.target().resolve("report-it");
        Progress silent = new Progress(new PrintStream(new ByteArrayOutputStream()));
        ProblemSet set = ProblemSet.of(checkout).get(3);
        new Report(jupyter, folder, checkout.target().resolve("pages-it"), silent)
                .write(
                        List.of(
                                result(
                                        "a-first",
                                        "# The first\n\nIts claim, $\\beta^2$. See [the other](b-second.ipynb)."),
                                result("b-second", "# The second\n\nAnother claim.")),
                        List.of(set),
                        List.of(set.source()),
                        Preset.SMOKE,
                        new Stamp(Map.of("made", "today")));
    }

    private static Document page(String name) throws Exception {
        return Jsoup.parse(Files.readString(folder.resolve(name)));
    }

    @Test
    void indexNamesTitlesClaimsAndFiles() throws Exception {
        Document index = page("index.html");
        assertEquals(
                List.of("The first", "The second"), index.select(".entry h2").eachText());
        assertTrue(index.text().contains("Its claim, $\\beta^2$."), index.text());
        assertTrue(
                Files.exists(folder.resolve(index.select(".entry h2 a").get(1).attr("href"))));
        assertTrue(index.select(".stamp").text().contains("made today"));
    }

    @Test
    void exercisesAreThereForStudentsAndForInstructorsApart() throws Exception {
        List<String> links = page("index.html").select("a[href^=exercises]").eachAttr("href");
        assertEquals(List.of("exercises/student/ps4.html", "exercises/instructor/ps4.html"), links);
        String student = Files.readString(folder.resolve(links.get(0)));
        String instructor = Files.readString(folder.resolve(links.get(1)));
        for (ProblemSet.Region region : ProblemSet.Region.values()) {
            assertTrue(instructor.contains(region.begin()), "the instructor's page lacks " + region);
            assertFalse(student.contains(region.begin()), "the students' page has " + region);
        }
        assertTrue(student.contains("YOUR CODE HERE") && student.contains("YOUR ANSWER HERE"));
        assertFalse(student.contains("instructor"), "a way from the students' page to the instructor's");
        for (String link : links) {
            assertEquals(List.of(), Page.loads(folder.resolve(link)), link);
        }
    }

    @Test
    void linksBetweenNotebooksLeadToPages() throws Exception {
        assertFalse(page("a-first.html").select("article a[href=b-second.html]").isEmpty());
    }

    @Test
    void drawingsKeepTheirContentTheirWordsAndTheirCaption() throws Exception {
        Document first = page("a-first.html");
        assertEquals("a line", first.selectFirst("figure img").attr("alt"));
        assertEquals(
                "Figure 1. A line of slope $\\gamma$.",
                first.selectFirst("figure figcaption").text());
        assertTrue(first.selectFirst("figure img").attr("src").length() > 100, "the drawing is empty");
    }

    @Test
    void everyPageIsAFileThatLoadsNothing() throws Exception {
        for (String name : List.of("index.html", "a-first.html", "b-second.html")) {
            assertEquals(List.of(), Page.loads(folder.resolve(name)), name);
        }
    }

    @Test
    void pdfHasTheMathematicsSetAndLeadsToItsParts() throws Exception {
        assumeTrue(chromium, "no Chromium: the set-up asks for one with -Preport");
        assertTrue(Files.size(folder.resolve("a-first.pdf")) > 1000);
        try (PDDocument book = Loader.loadPDF(folder.resolve("report.pdf").toFile())) {
            assertEquals(3, book.getNumberOfPages());
            String text = new PDFTextStripper().getText(book);
            assertTrue(text.contains("The second"), text);
            assertFalse(text.contains("\\beta") || text.contains("\\gamma"), "mathematics was not set: " + text);
            assertFalse(new String(Files.readAllBytes(folder.resolve("report.pdf")), "ISO-8859-1").contains("file:"));
            var marks =
                    book.getDocumentCatalog().getDocumentOutline().children().iterator();
            assertEquals("Deep Delta Learning", marks.next().getTitle());
            assertEquals("The first", marks.next().getTitle());
        }
    }
}
