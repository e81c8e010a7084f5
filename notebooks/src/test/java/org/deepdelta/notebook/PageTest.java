package org.deepdelta.notebook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PageTest {

    @TempDir
    private Path folder;

    private List<String> loads(String body) throws IOException {
        Path file = folder.resolve("page.html");
        Files.writeString(file, "<!doctype html><html><head><title>x</title></head><body>" + body + "</body></html>");
        return Page.loads(file);
    }

    @Test
    void aPageOfOursLoadsNothing() throws IOException {
        Path file = folder.resolve("ours.html");
        Files.writeString(
                file,
                Page.of("Title", List.of(new Element("p").text("$\\beta$"))).outerHtml());
        assertEquals(List.of(), Page.loads(file));
        String text = Files.readString(file);
        assertTrue(text.startsWith("<!doctype html>"), text.substring(0, 60));
        assertTrue(text.contains("data:font/woff;base64,"), "MathJax's fonts are not in the page");
        assertFalse(text.contains("%%URL%%/MathJax_"), "MathJax would look for its fonts beside the page");
    }

    @Test
    void everyKindOfLoadIsFound() throws IOException {
        assertEquals(List.of("script src: https://host/x.js"), loads("<script src='https://host/x.js'></script>"));
        assertEquals(List.of("img src: figure.png"), loads("<img src='figure.png'>"));
        assertEquals(List.of("img srcset: a.png 2x"), loads("<img srcset='a.png 2x'>"));
        assertEquals(
                List.of("link href: https://host/x.css"), loads("<link rel=stylesheet href='https://host/x.css'>"));
        assertEquals(List.of("style style: //host/f.woff"), loads("<style>a{src:url(//host/f.woff)}</style>"));
        assertEquals(List.of("style style: x.css"), loads("<style>@import 'x.css';</style>"));
        assertEquals(List.of("div style: x.png"), loads("<div style=\"background:url('x.png')\"></div>"));
        assertEquals(List.of("image href: x.png"), loads("<svg><image href='x.png'/></svg>"));
        assertEquals(List.of("iframe src: x.html", "iframe"), loads("<iframe src='x.html'></iframe>"));
    }

    @Test
    void whatIsInThePageIsNoLoad() throws IOException {
        assertEquals(
                List.of(),
                loads(
                        "<img src='data:image/png;base64,AA=='><a href='https://host/'>x</a><svg><use href='#a'/></svg>"
                                + "<style>a{src:url(data:font/woff;base64,AA)}</style><script>let a = 'https://host/';</script>"));
    }

    @Test
    void manyImportsAreFolded() {
        String line = "<span class=\"kn\">import</span> <span class=\"nn\">a.B</span>;\n";
        Element body = new Element("body")
                .html("<div class=\"highlight\"><pre>" + line.repeat(7) + "\nint x;\n</pre></div>"
                        + "<div class=\"highlight\"><pre>" + line.repeat(2) + "int y;\n</pre></div>");
        Fragment.imports(body);
        assertEquals("7 imports", body.select("details.imports > summary").text());
        assertEquals(7, body.select("details.imports > pre .kn").size());
        assertEquals("int x;", body.selectFirst(".highlight > pre").wholeText().strip());
        assertEquals(2, body.select(".highlight").last().select("> pre .kn").size(), "two are not worth folding");
    }

    @Test
    void codeThatIsTaggedIsFolded() {
        Element body = new Element("body")
                .html("<div class=\"cell code_cell celltag_hide-input\"><div class=\"input\">a</div><div"
                        + " class=\"output_wrapper\">b</div></div>"
                        + "<div class=\"cell code_cell\"><div class=\"input\">c</div></div>");
        Fragment.hidden(body);
        assertEquals("a", body.select("details.code > .input").text());
        assertEquals("b", body.select(".celltag_hide-input > .output_wrapper").text());
        assertEquals("c", body.select(".code_cell > .input").text());
    }
}
