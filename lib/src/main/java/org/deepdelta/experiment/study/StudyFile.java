package org.deepdelta.experiment.study;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads a study's file, and says of everything that is wrong in which line it is. */
final class StudyFile {
    private static final Set<String> KEYS = keys("question", "base", "variants", "axes", "seeds", "tuning", "presets");
    private static final Set<String> TUNING_KEYS = keys("candidates", "seeds", "score", "best", "at");
    private static final Set<String> TUNED = keys("rate", "factor", "decay");
    private static final Set<String> SETTINGS = keys(
            "task", "rule", "layers", "heads", "width", "factor", "rows", "shards", "steps", "rate", "decay", "clip");
    private static final Set<String> PRESETS = keys("smoke", "laptop", "paper");

    private final Path file;
    private final String preset;
    private final Config config;
    private final Function<String, Task> tasks = Study.tasks();

    StudyFile(Path file, String preset) {
        this.file = file;
        this.preset = preset;
        if (!PRESETS.contains(preset)) {
            throw new IllegalArgumentException("preset: expected one of " + PRESETS + ", got " + preset);
        }
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(file + ": no such file, expected a study");
        }
        Config whole;
        try {
            whole = ConfigFactory.parseFile(
                            file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false))
                    .resolve();
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e.getMessage(), e); // which begins with file and line
        }
        ConfigObject presets = whole.hasPath("presets") ? object(whole.root(), "presets") : null;
        if (presets != null) {
            expectKeys("presets", presets, PRESETS);
        }
        config = presets != null && presets.containsKey(preset)
                ? object(presets, preset).toConfig().withFallback(whole)
                : whole;
    }

    private static Set<String> keys(String... keys) {
        return new LinkedHashSet<>(List.of(keys));
    }

    Study read() {
        ConfigObject root = config.root();
        expectKeys("the study", root, KEYS);
        Map<String, String> base = settings(root, "base");
        Map<String, Map<String, String>> variants = new LinkedHashMap<>();
        ConfigObject all = object(root, "variants");
        inFileOrder(all).forEach(name -> variants.put(name, settings(all, name)));
        if (variants.isEmpty()) {
            throw wrong(all, "variants", "at least one", "none");
        }
        Map<String, List<String>> axes = new LinkedHashMap<>();
        if (root.containsKey("axes")) {
            ConfigObject given = object(root, "axes");
            expectKeys("axes", given, SETTINGS);
            inFileOrder(given).forEach(name -> axes.put(name, texts(given, name)));
        }
        variants.forEach((variant, changes) -> changes.forEach((key, value) -> {
            if (axes.containsKey(key)) {
                throw wrong(all.get(variant), variant + "." + key, "none, since it is an axis", value);
            }
        }));
        List<Long> seeds = seeds(root);
        List<Run> grid = new ArrayList<>();
        variants.forEach((variant, changes) -> points(axes)
                .forEach(point -> seeds.forEach(
                        seed -> grid.add(run(Run.STUDY, root.get("variants"), variant, point, base, changes, seed)))));
        expectDifferent(root.get("variants"), grid);
        String question = text(root, "question");
        Study.Tuning tuning =
                root.containsKey("tuning") ? tuning(object(root, "tuning"), base, variants, axes, seeds) : null;
        return new Study(file, preset, question, grid, tuning);
    }

    private Study.Tuning tuning(
            ConfigObject given,
            Map<String, String> base,
            Map<String, Map<String, String>> variants,
            Map<String, List<String>> axes,
            List<Long> reported) {
        expectKeys("tuning", given, TUNING_KEYS);
        List<Long> seeds = seeds(given);
        for (long seed : seeds) {
            if (reported.contains(seed)) {
                throw wrong(given.get("seeds"), "tuning.seeds", "none of the study's seeds " + reported, "" + seed);
            }
        }
        Map<String, String> at = given.containsKey("at") ? settings(given, "at") : Map.of();
        at.forEach((axis, value) -> {
            if (!axes.containsKey(axis)) {
                throw wrong(given.get("at"), "tuning.at." + axis, "one of the axes " + axes.keySet(), axis);
            }
        });
        Map<String, List<String>> tuned = new LinkedHashMap<>();
        axes.forEach((name, values) -> tuned.put(name, at.containsKey(name) ? List.of(at.get(name)) : values));
        ConfigObject candidates = object(given, "candidates");
        expectKeys("tuning.candidates", candidates, TUNED);
        Map<String, List<String>> tried = new LinkedHashMap<>();
        inFileOrder(candidates).forEach(key -> {
            tried.put(key, texts(candidates, key));
            expectNotTuned(key, candidates.get(key), axes.keySet(), "axes");
            variants.forEach((variant, own) -> expectNotTuned(key, candidates.get(key), own.keySet(), variant));
        });
        List<Run> runs = new ArrayList<>();
        variants.forEach((variant, changes) -> points(tuned).forEach(point -> points(tried)
                .forEach(candidate -> seeds.forEach(seed -> {
                    Map<String, String> with = new LinkedHashMap<>(changes);
                    with.putAll(candidate);
                    runs.add(run(Run.TUNING, candidates, variant, point, base, with, seed));
                }))));
        expectDifferent(candidates, runs);
        String best = given.containsKey("best") ? text(given, "best") : "highest";
        if (!best.equals("highest") && !best.equals("lowest")) {
            throw wrong(given.get("best"), "tuning.best", "highest or lowest", best);
        }
        return new Study.Tuning(runs, text(given, "score"), best.equals("highest"), at);
    }

    /** What a tuning chooses is chosen for all variants from the same values. */
    private void expectNotTuned(String key, ConfigValue where, Set<String> given, String of) {
        if (given.contains(key)) {
            throw wrong(where, of + "." + key, "none, since the tuning chooses it", "one");
        }
    }

    /** Two runs of one configuration are a slip, and would share their checkpoints. */
    private void expectDifferent(ConfigValue where, List<Run> runs) {
        Map<RunConfig, Run> known = new HashMap<>();
        for (Run run : runs) {
            Run other = known.put(run.config(), run);
            if (other != null) {
                throw wrong(where, run.describe(), "a run of its own", "that of " + other.describe() + " again");
            }
        }
    }

    /** All combinations, the last axis fastest. */
    private static List<Map<String, String>> points(Map<String, List<String>> axes) {
        List<Map<String, String>> points = new ArrayList<>(List.of(Map.of()));
        axes.forEach((name, values) -> {
            List<Map<String, String>> longer = new ArrayList<>();
            for (Map<String, String> point : points) {
                for (String value : values) {
                    Map<String, String> next = new LinkedHashMap<>(point);
                    next.put(name, value);
                    longer.add(next);
                }
            }
            points.clear();
            points.addAll(longer);
        });
        return points;
    }

    private Run run(
            String stage,
            ConfigValue where,
            String variant,
            Map<String, String> point,
            Map<String, String> base,
            Map<String, String> changes,
            long seed) {
        Map<String, String> all = new LinkedHashMap<>(base);
        all.putAll(changes);
        all.putAll(point);
        for (String key : SETTINGS) {
            if (!all.containsKey(key)) {
                throw wrong(where, variant, "a value for " + key + ", here or in base", "none");
            }
        }
        try {
            RunConfig config = new RunConfig(
                    all.get("task"),
                    all.get("rule"),
                    integer(all, "layers"),
                    integer(all, "heads"),
                    integer(all, "width"),
                    number(all, "factor"),
                    integer(all, "rows"),
                    integer(all, "shards"),
                    integer(all, "steps"),
                    number(all, "rate"),
                    number(all, "decay"),
                    number(all, "clip"),
                    seed);
            return new Run(stage, variant, point, config.check(tasks.apply(config.task())));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(at(where) + variant + " " + point + ": " + e.getMessage(), e);
        }
    }

    private static int integer(Map<String, String> settings, String key) {
        try {
            return Integer.parseInt(settings.get(key));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(key + ": expected a whole number, got " + settings.get(key));
        }
    }

    private static double number(Map<String, String> settings, String key) {
        try {
            return Double.parseDouble(settings.get(key));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(key + ": expected a number, got " + settings.get(key));
        }
    }

    private Map<String, String> settings(ConfigObject in, String key) {
        ConfigObject given = object(in, key);
        expectKeys(key, given, SETTINGS);
        return inFileOrder(given).stream()
                .collect(Collectors.toMap(name -> name, name -> text(given, name), (a, b) -> a, LinkedHashMap::new));
    }

    private List<Long> seeds(ConfigObject in) {
        List<String> texts = texts(in, "seeds");
        try {
            List<Long> seeds = texts.stream().map(Long::parseLong).toList();
            if (new LinkedHashSet<>(seeds).size() == seeds.size()) {
                return seeds;
            }
        } catch (NumberFormatException e) {
            // said below, as seeds that occur twice are
        }
        throw wrong(in.get("seeds"), "seeds", "different whole numbers", texts.toString());
    }

    private ConfigObject object(ConfigObject in, String key) {
        ConfigValue value = in.get(key);
        if (value instanceof ConfigObject object) {
            return object;
        }
        throw wrong(
                value == null ? in : value, key, "a block { ... }", value == null ? "none" : "" + value.unwrapped());
    }

    private String text(ConfigObject in, String key) {
        List<String> texts = texts(in, key);
        if (texts.size() > 1) {
            throw wrong(in.get(key), key, "one value", texts.toString());
        }
        return texts.get(0);
    }

    /** One value or a list of them, as texts. */
    private List<String> texts(ConfigObject in, String key) {
        ConfigValue value = in.get(key);
        List<ConfigValue> values = value instanceof ConfigList list ? list : value == null ? List.of() : List.of(value);
        if (values.isEmpty()
                || values.stream()
                        .anyMatch(v -> v.valueType() != ConfigValueType.STRING
                                && v.valueType() != ConfigValueType.NUMBER
                                && v.valueType() != ConfigValueType.BOOLEAN)) {
            throw wrong(
                    value == null ? in : value,
                    key,
                    "a value or a list of values",
                    value == null ? "none" : "" + value.unwrapped());
        }
        return values.stream().map(v -> String.valueOf(v.unwrapped())).toList();
    }

    /** HOCON forgets the order of keys, but not their places. */
    private static List<String> inFileOrder(ConfigObject object) {
        Map<Integer, List<String>> byLine = new TreeMap<>();
        object.forEach((key, value) -> byLine.computeIfAbsent(value.origin().lineNumber(), line -> new ArrayList<>())
                .add(key));
        byLine.values().forEach(keys -> keys.sort(null));
        return byLine.values().stream().flatMap(List::stream).toList();
    }

    private void expectKeys(String what, ConfigObject object, Set<String> allowed) {
        for (Map.Entry<String, ConfigValue> entry : object.entrySet()) {
            if (!allowed.contains(entry.getKey())) {
                throw wrong(entry.getValue(), what, "one of the keys " + allowed, entry.getKey());
            }
        }
    }

    private IllegalArgumentException wrong(ConfigValue where, String key, String expected, String got) {
        return new IllegalArgumentException(at(where) + key + ": expected " + expected + ", got " + got);
    }

    private String at(ConfigValue where) {
        int line = where == null ? -1 : where.origin().lineNumber();
        return file + (line > 0 ? ", line " + line : "") + ": ";
    }
}
