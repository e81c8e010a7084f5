package org.deepdelta.notebook;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jsoup.Jsoup;
import org.jsoup.nodes.DataNode;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.DocumentType;
import org.jsoup.nodes.Element;

/**
 * A web page that is one file: style, scripts, fonts and images are in it. A content security policy in its head keeps a
 * browser from loading anything, whatever a notebook's output may ask for.
 */
final class Page {

    private static final String POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
            + "img-src data:; font-src data:; media-src data:";
    private static final Pattern STYLE_LOAD =
            Pattern.compile("(?i)url\\(\\s*['\"]?(?!data:|#)([^'\")]+)|@import\\s+['\"]([^'\"]+)");

    private Page() {}

    /** A page with the project's style and mathematics around a body. */
    static Document of(String title, List<Element> content) throws IOException {
        Document page = Document.createShell("");
        page.outputSettings().prettyPrint(false).charset(StandardCharsets.UTF_8);
        page.prependChild(new DocumentType("html", "", ""));
        page.selectFirst("html").attr("lang", "en");
        Element head = page.head();
        head.appendElement("meta").attr("charset", "utf-8");
        head.appendElement("meta").attr("http-equiv", "Content-Security-Policy").attr("content", POLICY);
        head.appendElement("meta").attr("name", "viewport").attr("content", "width=device-width, initial-scale=1");
        head.appendElement("title").text(title);
        head.appendElement("style").appendChild(new DataNode(style()));
        for (String script : MathJax.scripts()) {
            head.appendElement("script").appendChild(new DataNode(script));
        }
        Element main = page.body().appendElement("main");
        content.forEach(main::appendChild);
        return page;
    }

    /** Everything that a page would load from elsewhere, as "element attribute: address"; none in a page of this class. */
    static List<String> loads(Path file) throws IOException {
        Document page = Jsoup.parse(Files.readString(file, StandardCharsets.UTF_8));
        List<String> loads = new ArrayList<>();
        for (String attribute : List.of("src", "srcset", "poster", "data", "background", "xlink:href")) {
            for (Element element : page.select("[" + attribute.replace(":", "|") + "]")) {
                note(loads, element, attribute);
            }
        }
        for (Element element : page.select("link[href], image[href], use[href], base[href]")) {
            note(loads, element, "href");
        }
        for (Element element : page.select("iframe, object, embed, frame")) {
            loads.add(element.tagName());
        }
        for (Element element : page.select("style, [style]")) {
            Matcher load =
                    STYLE_LOAD.matcher(element.tagName().equals("style") ? element.data() : element.attr("style"));
            while (load.find()) {
                loads.add(element.tagName() + " style: " + (load.group(1) != null ? load.group(1) : load.group(2)));
            }
        }
        return loads;
    }

    private static void note(List<String> loads, Element element, String attribute) {
        String address = element.attr(attribute).strip();
        if (!address.startsWith("data:") && !address.startsWith("#")) {
            loads.add(element.tagName() + " " + attribute + ": " + address);
        }
    }

    private static String style() throws IOException {
        try (InputStream css = Page.class.getResourceAsStream("report.css")) {
            return new String(css.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
