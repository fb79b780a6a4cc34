package dev.wingman.bench;

import java.util.Arrays;
import java.util.List;

/** Rows as Markdown, so that the output can be kept as it is. */
final class Table {
    private static final List<String> HEAD = List.of("scenario", "measured", "target", "met?");

    private Table() {}

    static String of(List<Row> rows) {
        int[] widths = HEAD.stream().mapToInt(String::length).toArray();
        for (Row row : rows) {
            List<String> cells = cells(row);
            Arrays.setAll(widths, i -> Math.max(widths[i], cells.get(i).length()));
        }
        var text = new StringBuilder();
        append(text, HEAD, widths);
        append(text, Arrays.stream(widths).mapToObj("-"::repeat).toList(), widths);
        for (Row row : rows) {
            append(text, cells(row), widths);
        }
        return text.toString();
    }

    private static List<String> cells(Row row) {
        return List.of(row.scenario(), row.measured(), row.target(), row.verdict().text());
    }

    private static void append(StringBuilder text, List<String> cells, int[] widths) {
        for (int i = 0; i < widths.length; i++) {
            String cell = cells.get(i);
            text.append("| ").append(cell).append(" ".repeat(widths[i] - cell.length() + 1));
        }
        text.append("|\n");
    }
}
