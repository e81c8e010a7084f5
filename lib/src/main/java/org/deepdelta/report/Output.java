package org.deepdelta.report;

import java.util.LinkedHashMap;
import java.util.Map;

/** One output of a cell: MIME type to text, with metadata per MIME type. */
record Output(Map<String, String> data, Map<String, Object> metadata) {

    static Output text(String plain) {
        return new Output(new LinkedHashMap<>(Map.of("text/plain", plain)), new LinkedHashMap<>());
    }

    Output with(String mime, String content) {
        data.put(mime, content);
        return this;
    }

    Output describe(String mime, Map<String, ?> entries) {
        metadata.put(mime, entries);
        return this;
    }

    String plain() {
        return data.get("text/plain");
    }
}
