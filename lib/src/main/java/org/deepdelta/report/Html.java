package org.deepdelta.report;

/** Text into HTML and back. */
final class Html {

    private Html() {}

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    /** The text of a piece of HTML, without tags, styles and scripts. */
    static String plain(String html) {
        return html.replaceAll("(?is)<(style|script)\\b.*?</\\1>", "")
                .replaceAll("(?i)<br\\s*/?>|</(p|div|tr|li|h\\d)>", "\n")
                .replaceAll("<[^>]+>", "")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&nbsp;", " ")
                .replace("&amp;", "&")
                .strip();
    }
}
