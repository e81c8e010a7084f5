package org.deepdelta.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.openblas.global.openblas_full;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * What a result depends on beside its code: the stamp cell of a notebook. Timings are not part of it.
 *
 * @param device the device in words, as "cpu (float)"
 * @param threads Java threads in use
 * @param seed the seed of the notebook
 * @param preset how much is computed
 */
public record Stamp(String device, int threads, long seed, Preset preset) {

    private static final Pattern VERSION = Pattern.compile("\\d+(\\.\\d+)+");

    /** The stamp as it is now, with the preset of this run. */
    public static Stamp of(String device, int threads, long seed) {
        return new Stamp(device, threads, seed, Preset.current());
    }

    /** Name to value, in the order shown. */
    public Map<String, String> entries() {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put("Deep Delta Learning", property("/org/deepdelta/report/build.properties"));
        entries.put("JDK", Runtime.version().feature() + " (" + System.getProperty("java.vm.vendor") + ")");
        entries.put("ND4J", property("/META-INF/maven/org.nd4j/nd4j-api/pom.properties"));
        entries.put("OpenBLAS", blas());
        entries.put("device", device);
        entries.put("threads", Integer.toString(threads));
        entries.put("seed", Long.toString(seed));
        entries.put("preset", preset.toString());
        return entries;
    }

    /** Shows it as a small table. */
    public void show() {
        Map<String, String> entries = entries();
        Table table = Table.create(
                StringColumn.create("what", entries.keySet().toArray(String[]::new)),
                StringColumn.create("here", entries.values().toArray(String[]::new)));
        Display.table(table, "Computed with", 0);
    }

    private static String blas() {
        Matcher version = VERSION.matcher(openblas_full.openblas_get_config().getString());
        String core = openblas_full.openblas_get_corename().getString();
        return (version.find() ? version.group() : "unknown version") + ", core type " + core;
    }

    private static String property(String resource) {
        try (InputStream in = Stamp.class.getResourceAsStream(resource)) {
            Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return properties.getProperty("version", "unknown version");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
