package org.deepdelta.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs {@code kernel_test.py}, which drives the kernel with Jupyter's own client, and shows each of its tests as one.
 *
 * <p>Jupyter's Python is the one that {@code notebooks/setup} found, or {@code -Dddl.python}. Without either this fails: a skipped
 * test would say nothing about the kernel.
 */
class KernelIT {

    private static final long LIMIT_MINUTES = 15;
    private static final int AT_LEAST = 50;
    private static final String PLANTED = "package planted; public class Planted {"
            + " public static final int ANSWER = Integer.parseInt(\"42\");"
            + " public int answer() { return ANSWER; }"
            + " public static void spin() { while (true) {} } }";

    private final Path folder = Path.of("target", "kernel-it").toAbsolutePath();

    @TestFactory
    Stream<DynamicTest> protocol() throws IOException, InterruptedException {
        Path planted = plant();
        Path data = folder.resolve("data");
        List<String> flags = new ArrayList<>(List.of("-Xmx1g", "-Dspec=" + data));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag ->
                        flag.matches("--(add-modules|enable-native-access|sun-misc-unsafe-memory-access)=.*|-XX:.*"))
                .forEach(flags::add);
        InstallSpec.write(data, Path.of(System.getProperty("java.home"), "bin", "java"), classPath(), flags);

        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        ProcessBuilder builder = new ProcessBuilder(
                        python(),
                        Path.of("src/test/python/kernel_test.py")
                                .toAbsolutePath()
                                .toString())
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        Map<String, String> environment = builder.environment();
        environment.put("JUPYTER_PATH", data.toString());
        for (String name : List.of("CONFIG", "DATA", "RUNTIME")) {
            environment.put(
                    "JUPYTER_" + name + "_DIR",
                    folder.resolve(name.toLowerCase(java.util.Locale.ROOT)).toString());
        }
        environment.put("IPYTHONDIR", folder.resolve("ipython").toString());
        environment.put("PYTHONWARNINGS", "ignore");
        environment.put("PYTHONIOENCODING", "utf-8");
        environment.put("PYTHONDONTWRITEBYTECODE", "1");
        environment.put("SPEC", data.toString());
        environment.put("PLANTED", planted.toString());
        environment.put(
                "IJAVA_STARTUP_SCRIPTS_PATH", planted.resolve("start*.jshell").toString());
        environment.put("IJAVA_STARTUP_SCRIPT", "String startUpCode = \"from the environment\";");
        environment.put("IJAVA_COMPILER_OPTS", "-parameters --add-modules jdk.incubator.vector");
        environment.remove("IJAVA_CLASSPATH");
        // A class path from the environment must not replace the kernel's.
        environment.put("CLASSPATH", "nowhere.jar");

        Process process = builder.start();
        if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            fail("not done after " + LIMIT_MINUTES + " minutes; see " + out);
        }
        assertEquals(0, process.exitValue(), () -> read(err));
        List<JsonObject> results = Files.readAllLines(out).stream()
                .filter(line -> line.startsWith("{\"name\""))
                .map(line -> JsonParser.parseString(line).getAsJsonObject())
                .toList();
        return Stream.concat(
                Stream.of(
                        DynamicTest.dynamicTest("all tests ran", () -> {
                            assertTrue(results.size() >= AT_LEAST, () -> results.size() + " tests:\n" + read(out));
                            Set<String> skipped = results.stream()
                                    .filter(r -> status(r).equals("skip"))
                                    .map(r -> name(r).replaceAll(" .*", ""))
                                    .collect(Collectors.toCollection(TreeSet::new));
                            assertEquals(
                                    "[Protocol.test_clear_output, Protocol.test_history, Protocol.test_pager]",
                                    skipped.toString(),
                                    "what the kernel does not offer");
                        }),
                        DynamicTest.dynamicTest("nothing on the process's standard error", () -> {
                            String noise = read(err)
                                    .lines()
                                    .filter(line ->
                                            !line.equals("WARNING: Using incubator modules: jdk.incubator.vector"))
                                    .collect(Collectors.joining("\n"));
                            assertEquals("", noise);
                        })),
                results.stream()
                        .filter(r -> !status(r).equals("skip"))
                        .map(r -> DynamicTest.dynamicTest(
                                name(r),
                                () -> assertEquals(
                                        "ok", status(r), () -> r.get("detail").getAsString()))));
    }

    private static String name(JsonObject result) {
        return result.get("name").getAsString();
    }

    private static String status(JsonObject result) {
        return result.get("status").getAsString();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static String python() throws IOException {
        String named = System.getProperty("ddl.python");
        Path answer = Path.of("target", "setup.properties");
        if (named == null && Files.isRegularFile(answer)) {
            Properties setup = new Properties();
            try (Reader reader = Files.newBufferedReader(answer)) {
                setup.load(reader);
            }
            named = setup.getProperty("python");
        }
        return named == null
                ? fail("no Python with Jupyter: run notebooks/setup first, or give -Dddl.python=PATH")
                : named;
    }

    /** This module and what it needs, without the tests. */
    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("test-classes") && !entry.contains("surefire"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** A jar, a folder of classes and start-up files for cells to find. */
    private Path plant() throws IOException {
        Path planted = folder.resolve("planted");
        Path classes = Files.createDirectories(planted.resolve("classes"));
        JavaFileObject source =
                new SimpleJavaFileObject(URI.create("string:///Planted.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return PLANTED;
                    }
                };
        assertTrue(ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, null, List.of("-d", classes.toString()), null, List.of(source))
                .call());
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(planted.resolve("planted.jar")))) {
            jar.putNextEntry(new JarEntry("planted/Planted.class"));
            jar.write(Files.readAllBytes(classes.resolve("planted/Planted.class")));
        }
        Files.writeString(planted.resolve("loaded.jshell"), "int loaded(int x) { return 2 * x; }\n");
        Files.writeString(planted.resolve("start.jshell"), "String startUp = \"from a file\";\n");
        return planted;
    }
}
