package org.deepdelta.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/** A Tablesaw table as HTML and as aligned text. */
record TableText(Table table, String caption, int digits) {

    String html() {
        StringBuilder out = new StringBuilder("<table class=\"ddl-table\"><caption style=\"text-align:left\">")
                .append(Html.escape(caption))
                .append("</caption><thead><tr>");
        for (Column<?> column : table.columns()) {
            out.append("<th style=\"text-align:")
                    .append(align(column))
                    .append("\">")
                    .append(Html.escape(column.name()))
                    .append("</th>");
        }
        out.append("</tr></thead><tbody>");
        for (int row = 0; row < table.rowCount(); row++) {
            out.append("<tr>");
            for (Column<?> column : table.columns()) {
                out.append("<td style=\"text-align:")
                        .append(align(column))
                        .append("\">")
                        .append(Html.escape(cell(column, row)))
                        .append("</td>");
            }
            out.append("</tr>");
        }
        return out.append("</tbody></table>").toString();
    }

    String plain() {
        List<List<String>> columns = new ArrayList<>();
        for (Column<?> column : table.columns()) {
            List<String> cells = new ArrayList<>(List.of(column.name()));
            for (int row = 0; row < table.rowCount(); row++) {
                cells.add(cell(column, row));
            }
            int width = cells.stream().mapToInt(String::length).max().orElse(0);
            String format = column instanceof NumericColumn ? "%" + width + "s" : "%-" + width + "s";
            columns.add(cells.stream()
                    .map(c -> width == 0 ? c : String.format(Locale.ROOT, format, c))
                    .toList());
        }
        StringBuilder out = new StringBuilder(caption);
        for (int row = 0; row <= table.rowCount(); row++) {
            int r = row;
            out.append('\n')
                    .append(String.join(
                                    "  ", columns.stream().map(c -> c.get(r)).toList())
                            .stripTrailing());
        }
        return out.toString();
    }

    private static String align(Column<?> column) {
        return column instanceof NumericColumn ? "right" : "left";
    }

    private String cell(Column<?> column, int row) {
        if (column.isMissing(row)) {
            return "";
        }
        Object value = column.get(row);
        return value instanceof Double || value instanceof Float
                ? Numbers.fixed(((Number) value).doubleValue(), digits)
                : String.valueOf(value);
    }
}
