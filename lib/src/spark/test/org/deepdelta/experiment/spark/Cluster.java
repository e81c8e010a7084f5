package org.deepdelta.experiment.spark;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Spark's own master and workers of one core each, as processes of this machine that listen on its loopback alone; the build has laid out their jars. */
final class Cluster implements AutoCloseable {
    private static final Path HOME = Path.of("target", "spark").toAbsolutePath();
    private static final String LOOPBACK = "127.0.0.1";

    private final Path folder;
    private final String url;
    private final Process master;
    private final List<Process> workers = new ArrayList<>();

    Cluster(Path folder, int count) throws IOException {
        assertTrue(Files.isDirectory(HOME.resolve("jars")), HOME + "/jars: expected, from mvn -Pspark test-compile");
        this.folder = folder;
        String port = freePort();
        url = "spark://" + LOOPBACK + ":" + port;
        master = start("org.apache.spark.deploy.master.Master", "--port", port, "--webui-port", "0");
        for (int i = 0; i < count; i++) {
            String work = folder.resolve("worker" + i).toString();
            workers.add(start(
                    "org.apache.spark.deploy.worker.Worker",
                    "--port",
                    "0",
                    "--webui-port",
                    "0",
                    "--cores",
                    "1",
                    "--memory",
                    "2g",
                    "--work-dir",
                    work,
                    url));
        }
    }

    private static String freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK))) {
            return Integer.toString(socket.getLocalPort());
        }
    }

    private Process start(String main, String... args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-cp", HOME + "/jars/*", main, "--host", LOOPBACK));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("SPARK_HOME", HOME.toString());
        builder.environment().put("SPARK_SCALA_VERSION", "2.13");
        builder.environment().put("SPARK_LOCAL_IP", LOOPBACK);
        Path log = folder.resolve(main.substring(main.lastIndexOf('.') + 1) + workers.size() + ".log");
        return builder.redirectOutput(log.toFile()).start();
    }

    /** What a study is told. */
    String url() {
        return url;
    }

    /** Ends a worker and all that it started at once, as a machine does that loses its power. */
    void kill(int worker) {
        end(workers.get(worker));
    }

    private static void end(Process process) {
        List<ProcessHandle> all =
                Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
        all.forEach(ProcessHandle::destroyForcibly);
        process.onExit().join();
    }

    @Override
    public void close() {
        for (Process worker : workers) {
            end(worker);
        }
        end(master);
    }
}
