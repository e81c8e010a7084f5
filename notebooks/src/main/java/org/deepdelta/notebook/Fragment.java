package org.deepdelta.notebook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.deepdelta.report.Preset;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/** The body of a notebook as HTML: nbconvert's, put into the shape of a paper. */
final class Fragment {

    private static final int SHORT_CODE = 18;
    private static final int FEW_IMPORTS = 6;

    private final Jupyter jupyter;
    private final Path scratch;

    /** @param scratch a folder for what lies between notebook and page */
    Fragment(Jupyter jupyter, Path scratch) {
        this.jupyter = jupyter;
        this.scratch = scratch;
    }

    /** Converts an executed notebook. */
    Element of(Notebook executed, Preset preset) throws IOException, InterruptedException {
        Path input = scratch.resolve(executed.name() + ".ipynb");
        Path output = scratch.resolve(executed.name() + ".html");
        Path log = scratch.resolve(executed.name() + ".log");
        Files.createDirectories(scratch);
        Files.deleteIfExists(output);
        withDrawingsAsImages(executed).write(input);
        int code = jupyter.python(
                        preset, List.of("-m", "nbconvert", "--to", "html", "--template", "basic", input.toString()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
        if (code != 0 || !Files.isRegularFile(output)) {
            throw new IllegalStateException(executed.name() + ": nbconvert failed with exit code " + code + ":\n"
                    + Files.readString(log, StandardCharsets.UTF_8));
        }
        Document html = Jsoup.parse(Files.readString(output, StandardCharsets.UTF_8));
        html.outputSettings().prettyPrint(false);
        Element body = html.body();
        clean(body);
        nameHeadings(body, executed.name());
        hidden(body);
        imports(body);
        longCode(body);
        tables(body);
        figures(body);
        return body;
    }

    /** nbconvert empties SVG outputs as unsafe: each becomes an image, which runs no script in any case. */
    private static Notebook withDrawingsAsImages(Notebook executed) {
        Notebook copy = new Notebook(executed.name(), executed.json().deepCopy());
        for (JsonNode cell : copy.cells()) {
            for (JsonNode output : cell.path("outputs")) {
                JsonNode svg = output.path("data").path("image/svg+xml");
                if (svg.isMissingNode()) {
                    continue;
                }
                String alt = output.path("metadata")
                        .path("image/svg+xml")
                        .path("alt")
                        .asText();
                String source =
                        Base64.getEncoder().encodeToString(Notebook.text(svg).getBytes(StandardCharsets.UTF_8));
                Element image = new Element("img")
                        .attr("src", "data:image/svg+xml;base64," + source)
                        .attr("alt", alt);
                ObjectNode data = (ObjectNode) output.get("data");
                data.remove("image/svg+xml");
                data.put("text/html", image.outerHtml());
            }
        }
        return copy;
    }

    private static void clean(Element body) {
        body.select(".prompt, .anchor-link, script[src], link").remove();
        body.select("a[href]").forEach(link -> {
            if (!link.attr("href").contains(":")) {
                link.attr("href", link.attr("href").replaceFirst("\\.ipynb(?=#|$)", ".html"));
            }
        });
    }

    /** The code of cells with the tag {@code hide-input} is there for those who open it, and print has none of it. */
    static void hidden(Element body) {
        for (Element code : body.select(".celltag_hide-input > .input")) {
            Element folded = new Element("details").addClass("code");
            code.before(folded);
            folded.appendElement("summary").text("code");
            folded.appendChild(code);
        }
    }

    /** Many imports at the head of a cell are there for those who open them, and fill no page in print. */
    static void imports(Element body) {
        for (Element code : body.select(".highlight > pre")) {
            String[] lines = code.html().split("\n");
            int count = 0;
            while (count < lines.length && lines[count].contains("class=\"kn\">import<")) {
                count++;
            }
            if (count < FEW_IMPORTS) {
                continue;
            }
            Element folded = new Element("details").addClass("imports");
            folded.appendElement("summary").text(count + " imports");
            folded.appendElement("pre").html(String.join("\n", Arrays.copyOf(lines, count)));
            code.before(folded);
            String rest = String.join("\n", Arrays.copyOfRange(lines, count, lines.length));
            code.html(rest.replaceFirst("^\n+", ""));
        }
    }

    /** Code of more than a quarter of a page may be cut by a page's end; a shorter one goes to the next page. */
    private static void longCode(Element body) {
        for (Element code : body.select(".highlight")) {
            if (code.wholeText().strip().lines().count() > SHORT_CODE) {
                code.addClass("long");
            }
        }
    }

    /** A table's caption may be wider than the table. */
    private static void tables(Element body) {
        for (Element table : body.select("table")) {
            table.wrap("<figure class=\"table\"></figure>");
            Element caption = table.selectFirst("> caption");
            if (caption != null) {
                table.before(new Element("figcaption").html(caption.html()));
                caption.remove();
            }
        }
    }

    /** Names of headings are made unique over all notebooks: the combined PDF has one space of names. */
    private static void nameHeadings(Element body, String notebook) {
        for (Element heading : body.select("h1[id], h2[id], h3[id], h4[id]")) {
            String old = heading.id();
            heading.id(notebook + "." + old);
            for (Element link : body.select("a[href]")) {
                if (link.attr("href").equals("#" + old)) {
                    link.attr("href", "#" + notebook + "." + old);
                }
            }
        }
    }

    /** A picture and the caption that is the output after it stay together. */
    private static void figures(Element body) {
        for (Element caption : body.select(".output_area:has(> .output_markdown)")) {
            Element picture = caption.previousElementSibling();
            boolean pictured =
                    picture != null && !picture.select("img, svg, .ddl-frames").isEmpty();
            if (pictured && caption.text().startsWith("Figure")) {
                Element figure = new Element("figure");
                picture.before(figure);
                figure.appendChild(picture);
                figure.appendChild(new Element("figcaption").appendChild(caption));
            }
        }
    }
}
