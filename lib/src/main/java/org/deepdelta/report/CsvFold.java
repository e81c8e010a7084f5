package org.deepdelta.report;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The data of a figure as a fold beneath it: the text of the CSV, readable even where scripts and links are removed,
 * and a link that saves that very text as a file. At most {@value #ROWS} rows are shown, and the fold says so.
 */
record CsvFold(String csv, String title) {

    static final int ROWS = 200;
    private static final Pattern NUMBERED = Pattern.compile("(Figure|Table) \\d+[a-z]?");

    String html() {
        List<String> lines = csv.lines().toList();
        int rows = Math.max(0, lines.size() - 1);
        String shown = String.join("\n", lines.subList(0, Math.min(lines.size(), ROWS + 1)));
        Matcher numbered = NUMBERED.matcher(title);
        String name = numbered.find() ? numbered.group() : "this figure";
        String count = rows > ROWS ? "first " + ROWS + " of " + rows + " rows" : rows + " rows";
        String file = name.toLowerCase(Locale.ROOT).replace(' ', '-') + ".csv";
        return "<details class=\"ddl-data\"><summary>Data of " + name + " as CSV (" + count + ")</summary>"
                + "<style>@media print{.ddl-data{display:none}}.ddl-data{font-size:90%}"
                + ".ddl-data pre{max-height:16em;overflow:auto}</style>"
                + "<a href=\"#\" download=\"" + file + "\" onclick=\"this.href='data:text/csv;charset=utf-8,'"
                + "+encodeURIComponent(this.parentNode.querySelector('pre').textContent)\">Save as " + file + "</a>"
                + "<pre>" + Html.escape(shown) + "</pre></details>";
    }
}
