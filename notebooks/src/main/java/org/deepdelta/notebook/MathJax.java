package org.deepdelta.notebook;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** MathJax as one script that needs no other file: its fonts are written into it. */
final class MathJax {

    private static final String FOLDER = "/META-INF/resources/webjars/mathjax/3.2.2/es5/";
    private static final Pattern FONT = Pattern.compile("%%URL%%/(MathJax_[A-Za-z0-9]+-?[A-Za-z]*\\.woff)");
    private static final String SETTINGS =
            """
            window.MathJax = {
              tex: {inlineMath: [['$', '$'], ['\\\\(', '\\\\)']], processEscapes: true, tags: 'ams'},
              options: {enableMenu: false, ignoreHtmlClass: 'highlight|output_text', skipHtmlTags: {'[+]': ['svg', 'details']}}
            };
            """;

    private MathJax() {}

    /** The settings and the program, to be put into a script element each. */
    static String[] scripts() throws IOException {
        String program = new String(resource("tex-chtml-full.js"), StandardCharsets.UTF_8);
        Matcher font = FONT.matcher(program);
        StringBuilder whole = new StringBuilder();
        while (font.find()) {
            String data = Base64.getEncoder().encodeToString(resource("output/chtml/fonts/woff-v2/" + font.group(1)));
            font.appendReplacement(whole, Matcher.quoteReplacement("data:font/woff;base64," + data));
        }
        font.appendTail(whole);
        return new String[] {SETTINGS, whole.toString()};
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = MathJax.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new IOException(
                        "no " + FOLDER + name + " on the class path: is the MathJax webjar of version 3.2.2?");
            }
            return in.readAllBytes();
        }
    }
}
