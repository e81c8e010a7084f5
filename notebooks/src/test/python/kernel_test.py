"""The Java kernel over its own protocol: kernel_test.py [PATTERN], with JUPYTER_PATH naming its kernelspec.

Prints one JSON line a test: its name, "ok", "skip" or "fail", its seconds, and what went wrong. jupyter_kernel_test brings its own tests;
the rest is here. PLANTED names a folder of things for cells to find, SPEC what the command line of these kernels contains.
"""
import base64
import concurrent.futures
import json
import os
import queue
import re
import subprocess
import sys
import time
import unittest

import jupyter_kernel_test
from jupyter_client.manager import start_new_kernel

LIMIT = 30


def plain(text):
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


class Protocol(jupyter_kernel_test.KernelTests):
    kernel_name = "java"
    language_name = "java"
    file_extension = ".jshell"
    code_hello_world = 'System.out.println("hello, world");'
    code_stderr = 'System.err.println("oops");'
    completion_samples = [{"text": "System.out.printl", "matches": {"println("}}]
    complete_code_samples = ["int x = 1;", "x + 1", "void f() {\n}", 'String s = """\n  a\n  """;', "// only a comment"]
    incomplete_code_samples = ["for (int i = 0; i < 3; i++) {", "int f(", "void f() {\n  g();", "int x = 1; if (x > 1) {"]
    invalid_code_samples = ["}", "x = ) 1", "int f() { return ]; }"]
    code_generate_error = 'throw new IllegalStateException("no");'
    code_execute_result = [
        {"code": "1 + 2", "result": "3"},
        {"code": 'int a = 4; int b = 5;\n\nString.valueOf(a * b)', "result": "20"},
        {"code": 'render("<b>x</b>", "text/html")', "mime": "text/html", "result": "<b>x</b>"},
    ]
    code_display_data = [
        {"code": 'display("<b>x</b>", "text/html");', "mime": "text/html"},
        {"code": 'display("$x$", "text/latex");', "mime": "text/latex"},
        {"code": "display(new java.awt.image.BufferedImage(3, 2, 1));", "mime": "image/png"},
    ]
    code_inspect_sample = "String.valueOf"


class Kernel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.manager, cls.client = start_new_kernel(kernel_name="java", startup_timeout=60)

    @classmethod
    def tearDownClass(cls):
        cls.client.stop_channels()
        cls.manager.shutdown_kernel(now=True)

    def send(self, code):
        return self.client.execute(code)

    def finish(self, request, limit=LIMIT):
        """The reply and all outputs of a request, once the kernel is idle again."""
        outputs, end = [], time.time() + limit
        while True:
            message = self.client.get_iopub_msg(timeout=max(0.01, end - time.time()))
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
            if message["msg_type"] not in ("status", "execute_input"):
                outputs.append(message)
        while True:
            reply = self.client.get_shell_msg(timeout=LIMIT)
            if reply["parent_header"].get("msg_id") == request:
                return reply["content"], outputs

    def run_cell(self, code, limit=LIMIT):
        return self.finish(self.send(code), limit)

    def text(self, outputs, name="stdout"):
        return "".join(o["content"]["text"] for o in outputs if o["msg_type"] == "stream" and o["content"]["name"] == name)

    def value(self, code):
        reply, outputs = self.run_cell(code)
        self.assertEqual("ok", reply["status"], reply)
        results = [o["content"]["data"]["text/plain"] for o in outputs if o["msg_type"] == "execute_result"]
        return results[0] if results else None

    def failure(self, code):
        """Name, message and trace-back, which must be the same in the reply and in the published error."""
        reply, outputs = self.run_cell(code)
        self.assertEqual("error", reply["status"])
        error = [o["content"] for o in outputs if o["msg_type"] == "error"]
        self.assertEqual(1, len(error))
        for key in ("ename", "evalue", "traceback"):
            self.assertEqual(error[0][key], reply[key])
        self.assertIsInstance(reply["execution_count"], int)
        return reply["ename"], reply["evalue"], plain("\n".join(reply["traceback"]))

    def interrupt(self, code, limit):
        """Runs code until it says that it began, interrupts it, returns the reply and the seconds until it came."""
        request = self.send('System.out.println("began");\n' + code)
        while True:
            message = self.client.get_iopub_msg(timeout=LIMIT)
            if message["msg_type"] == "stream" and "began" in message["content"]["text"]:
                break
        time.sleep(0.5)
        start = time.time()
        self.manager.interrupt_kernel()
        reply, outputs = self.finish(request, limit)
        self.assertEqual("error", reply["status"])
        self.assertEqual("Interrupted", reply["ename"])
        return reply, time.time() - start


class Cells(Kernel):
    def test_values(self):
        self.assertEqual("7", self.value("int seven = 7;\nseven"))
        self.assertIsNone(self.value("int eight = 8;"))
        self.assertIsNone(self.value("Object nothing = null;\nnothing"))
        self.assertIsNone(self.value("// a comment\n"))
        self.assertEqual("15", self.value("import java.util.stream.IntStream;\nIntStream.rangeClosed(1, 5).sum()"))

    def test_definitions_of_one_cell_in_any_order(self):
        self.assertEqual("B[a=A[x=1]]", self.value(
            "record B(A a) {}\nrecord A(int x) { public A { if (x < 0) throw new IllegalArgumentException(); } }\n"
            "B make() { return new B(new A(1)); }\nmake()"))

    def test_streams_in_order(self):
        _, outputs = self.run_cell('System.out.print("a"); System.err.print("b"); System.out.print("c");'
                                   'display("d"); System.out.print("e");')
        shown = [o["content"].get("text") or o["content"]["data"]["text/plain"] for o in outputs]
        self.assertEqual(["a", "b", "c", "d", "e"], shown)

    def test_output_is_streamed(self):
        request = self.send('System.out.print("early"); Thread.sleep(3000);')
        start = time.time()
        while True:
            message = self.client.get_iopub_msg(timeout=LIMIT)
            if message["msg_type"] == "stream":
                break
        self.assertLess(time.time() - start, 2.5)
        self.finish(request)

    def test_threads_outlive_a_cell(self):
        self.run_cell('var late = new Thread(() -> { try { Thread.sleep(600); } catch (InterruptedException e) {}'
                      ' System.out.println("late"); }); late.start();')
        end = time.time() + LIMIT
        while time.time() < end:
            message = self.client.get_iopub_msg(timeout=LIMIT)
            if message["msg_type"] == "stream" and message["content"]["text"] == "late\n":
                return
        self.fail("no output of the thread")

    def test_same_thread_in_every_cell(self):
        self.value("long id = Thread.currentThread().getId();")
        self.assertEqual("true", self.value("id == Thread.currentThread().getId()"))

    def test_ten_megabytes_of_lines(self):
        reply, outputs = self.run_cell(
            'for (int i = 0; i < 160_000; i++) System.out.printf("%07d %s%n", i, "x".repeat(56));', 120)
        self.assertEqual("ok", reply["status"])
        lines = self.text(outputs).splitlines()
        self.assertEqual(160_000, len(lines))
        self.assertEqual(["%07d %s" % (i, "x" * 56) for i in (0, 159_999)], [lines[0], lines[-1]])
        self.assertEqual(10_400_000, len(self.text(outputs)))

    def test_ten_megabytes_at_once(self):
        _, outputs = self.run_cell('System.out.print("y".repeat(10_000_000));', 120)
        self.assertEqual(10_000_000, len(self.text(outputs)))
        self.assertEqual(10_000_000, len(self.value('"z".repeat(10_000_000)')))

    def test_unicode(self):
        sample = "αβγ – Δ β·k·kᵀ 漢字 😀"
        self.assertEqual(sample, self.value('"%s"' % sample))
        _, outputs = self.run_cell('System.out.print("%s"); display("%s");' % (sample, sample))
        self.assertEqual(sample, self.text(outputs))
        self.assertEqual(sample, outputs[1]["content"]["data"]["text/plain"])
        self.assertEqual("3", self.value("double λ = 3; (int) λ"))
        # Bytes that arrive one at a time, and a buffer whose edge falls into a character.
        _, outputs = self.run_cell('for (byte b : "%s".getBytes("UTF-8")) System.out.write(b);' % sample)
        self.assertEqual(sample, self.text(outputs))
        _, outputs = self.run_cell('var w = new OutputStreamWriter(System.out, "UTF-8"); w.write("a" + "漢".repeat(9000)); w.flush();')
        self.assertEqual("a" + "漢" * 9000, self.text(outputs))

    def test_compile_error(self):
        name, message, trace = self.failure('int fine = 1;\nint\twrong = "text";\nint never = 2;')
        self.assertEqual("CompilationError", name)
        self.assertRegex(message, r"^Cell \d+, line 2: incompatible types: .*String cannot be converted to int$")
        lines = trace.splitlines()
        self.assertEqual('    int\twrong = "text";', lines[1])
        self.assertEqual("       \t        ^^^^^^", lines[2])
        self.assertEqual("1", self.value("fine"))
        self.assertEqual("CompilationError", self.failure("never")[0])

    def test_compile_error_inside_a_method(self):
        _, message, trace = self.failure("\n\nint f(int x) {\n    int y = x\n    return y;\n}")
        self.assertRegex(message, r"line 4: ';' expected$")
        self.assertEqual("                 ^", trace.splitlines()[2])

    def test_incomplete_code(self):
        self.assertEqual("CompilationError", self.failure("int f() {\n  return 1;")[0])

    def test_undefined_type(self):
        _, message, _ = self.failure("Nowhere w = null;")
        self.assertRegex(message, r"line 1: (cannot find symbol|undefined)")

    def test_method_that_is_not_complete_yet(self):
        reply, outputs = self.run_cell("int early() { return later() + 1; }")
        self.assertEqual("ok", reply["status"])
        self.assertRegex(self.text(outputs, "stderr"), r"line 1: defined, but cannot be used before .*later")
        self.assertRegex(self.failure("early()")[1], r"early\(\) uses what is not defined: method later\(\)")
        self.assertEqual("3", self.value("int later() { return 2; }\nearly()"))

    def test_exception_with_cause(self):
        name, message, trace = self.failure(
            'void inner() throws IOException {\n    throw new IOException("disk");\n}\n\n'
            'try {\n    inner();\n} catch (IOException e) {\n    throw new IllegalStateException("outer", e);\n}')
        self.assertEqual(("IllegalStateException", "outer"), (name, message))
        self.assertRegex(trace, r'^java.lang.IllegalStateException: outer\n'
                                r'    at Cell \d+, line 8: throw new IllegalStateException\("outer", e\);\n'
                                r'Caused by: java.io.IOException: disk\n'
                                r'    at inner \(Cell \d+, line 2: throw new IOException\("disk"\);\)\n'
                                r'    at Cell \d+, line 6: inner\(\);$')

    def test_exception_below_library_code(self):
        _, _, trace = self.failure("\nList.of(1).get(3)")
        self.assertRegex(trace, r"ArrayIndexOutOfBoundsException|IndexOutOfBounds")
        self.assertRegex(trace, r"    at java.base/java.util.ImmutableCollections.*\n(.*\n)*    at Cell \d+, line 2: List.of\(1\).get\(3\)$")
        self.assertNotIn("org.deepdelta.kernel", trace)

    def test_errors_are_errors(self):
        self.assertEqual(("AssertionError", "claim"), self.failure('throw new AssertionError("claim");')[:2])
        self.assertEqual("StackOverflowError", self.failure("int deep(int n) { return deep(n + 1) + 1; }\ndeep(0)")[0])
        self.assertEqual("2", self.value("1 + 1"))

    def test_completion_in_mid_line(self):
        code = 'String word😀 = "abc"; int n = word😀.len + 1;'.replace("word😀", "wörd")
        at = code.index(".len") + 4
        reply = self.client.complete(code, at, reply=True, timeout=LIMIT)["content"]
        self.assertEqual((["length()"], at - 3, at), (reply["matches"], reply["cursor_start"], reply["cursor_end"]))
        code = 'String s = "😀😀"; Math.ma'
        reply = self.client.complete(code + "; int later;", len(code), reply=True, timeout=LIMIT)["content"]
        self.assertEqual((["max("], len(code) - 2), (reply["matches"], reply["cursor_start"]))
        code = "import java.util.List;\nclass A { int x; }\nMath.flo"
        reply = self.client.complete(code + "\nint z;", len(code), reply=True, timeout=LIMIT)["content"]
        self.assertIn("floor(", reply["matches"])
        self.assertEqual(len(code) - 3, reply["cursor_start"])
        reply = self.client.complete("zzzz.q", 6, reply=True, timeout=LIMIT)["content"]
        self.assertEqual([], reply["matches"])

    def test_inspection(self):
        code = "int q = Math.floorMod(7, 3);"
        for at in (code.index("floor"), code.index("Mod"), code.index("(7")):
            reply = self.client.inspect(code, at, reply=True, timeout=LIMIT)["content"]
            self.assertTrue(reply["found"], at)
            self.assertIn("Math.floorMod(int x, int y)", reply["data"]["text/plain"])
        self.assertFalse(self.client.inspect("nothing_here", 3, reply=True, timeout=LIMIT)["content"]["found"])

    def test_history_is_answered(self):
        self.assertEqual([], self.client.history(hist_access_type="tail", n=3, raw=True, output=False,
                                                 reply=True, timeout=LIMIT)["content"]["history"])

    def test_display_in_place(self):
        _, outputs = self.run_cell('String id = display("<i>1</i>", "text/html");\nupdateDisplay(id, "<i>2</i>", "text/html");')
        self.assertEqual(["display_data", "update_display_data"], [o["msg_type"] for o in outputs])
        first, second = (o["content"] for o in outputs)
        self.assertEqual(first["transient"]["display_id"], second["transient"]["display_id"])
        self.assertEqual("<i>2</i>", second["data"]["text/html"])

    def test_image_is_whole(self):
        _, outputs = self.run_cell("new java.awt.image.BufferedImage(3, 2, 1)")
        png = base64.b64decode(outputs[0]["content"]["data"]["image/png"])
        self.assertEqual((b"\x89PNG", b"IEND\xaeB`\x82"), (png[:4], png[-8:]))

    def test_kernel_is_found_by_reflection(self):
        _, outputs = self.run_cell(
            'Object kernel = Class.forName("org.deepdelta.kernel.JavaKernel").getMethod("getKernelInstance").invoke(null);\n'
            'Object renderer = kernel.getClass().getMethod("getRenderer").invoke(kernel);\n'
            'Class<?> type = Class.forName("io.github.spencerpark.jupyter.kernel.display.DisplayData");\n'
            'Object data = type.getConstructor().newInstance();\n'
            'type.getMethod("putData", String.class, Object.class).invoke(data, "text/markdown", "*x*");\n'
            'kernel.getClass().getMethod("display", type).invoke(kernel, data);')
        self.assertEqual("*x*", outputs[-1]["content"]["data"]["text/markdown"])

    def test_class_path_magics(self):
        self.assertEqual("CompilationError", self.failure("planted.Planted.ANSWER")[0])
        self.assertEqual("42", self.value("%%jars %s/*.jar\nplanted.Planted.ANSWER" % os.environ["PLANTED"]))
        self.assertEqual("42", self.value("%%classpath '%s/classes'\nnew planted.Planted().answer()" % os.environ["PLANTED"]))
        self.assertEqual(("NoSuchFile", "%jars /nowhere/*.jar: nothing there matches"), self.failure("%jars /nowhere/*.jar")[:2])
        self.assertEqual("UnknownMagic", self.failure("%%html\n<b>x</b>")[0])
        self.assertEqual("10", self.value("int p = 43\n% 33;\np"))

    def test_load(self):
        self.assertEqual("12", self.value("%%load %s/loaded.jshell\nloaded(6)" % os.environ["PLANTED"]))

    def test_start_up_and_compiler_options(self):
        self.assertEqual("from a file", self.value("startUp"))
        self.assertEqual("from the environment", self.value("startUpCode"))
        # -parameters, given as IJAVA_COMPILER_OPTS, keeps parameter names.
        self.assertEqual("named", self.value(
            'class P { void m(int named) {} }\nP.class.getDeclaredMethod("m", int.class).getParameters()[0].getName()'))

    def test_incubating_module(self):
        _, outputs = self.run_cell("jdk.incubator.vector.FloatVector.SPECIES_PREFERRED.length() > 0")
        self.assertEqual(["true"], [o["content"].get("data", {}).get("text/plain") for o in outputs])

    def test_class_path_of_the_jvm(self):
        self.assertEqual("true", self.value("org.deepdelta.kernel.InstallSpec.NAME.equals(\"java\")"))

    def test_service_loader_and_threads_see_the_cells_classes(self):
        self.assertEqual("true", self.value("class Here {}\nThread.currentThread().getContextClassLoader() == Here.class.getClassLoader()"))


class Interrupts(Kernel):
    def after(self):
        self.assertEqual("5", self.value("2 + 3"))

    def test_sleep(self):
        _, seconds = self.interrupt("Thread.sleep(60_000);", 20)
        self.assertLess(seconds, 3)
        self.after()

    def test_rest_of_the_cell_is_not_run(self):
        self.interrupt("try { Thread.sleep(60_000); } catch (InterruptedException e) { }\nint unreached = 1;", 20)
        self.assertEqual("CompilationError", self.failure("unreached")[0])

    def test_endless_loop(self):
        _, seconds = self.interrupt("while (true) { }", 20)
        self.assertLess(seconds, 5)
        self.after()

    def test_endless_loop_in_a_method(self):
        _, seconds = self.interrupt("double spin() { double x = 1; for (;;) { x = Math.sin(x); } }\nspin()", 20)
        self.assertLess(seconds, 5)
        self.after()

    def test_loop_that_swallows_interrupts(self):
        _, seconds = self.interrupt("while (true) { try { Thread.sleep(20); } catch (InterruptedException e) { } }", 20)
        self.assertLess(seconds, 5)
        self.after()

    def test_what_a_trainer_does_when_interrupted(self):
        self.interrupt("int steps = 0;\ndo { steps++; } while (!Thread.currentThread().isInterrupted());\n", 20)
        self.assertGreater(int(self.value("steps")), 0)

    def test_no_interrupt_lingers(self):
        self.manager.interrupt_kernel()
        time.sleep(0.3)
        self.after()
        self.assertEqual("false", self.value("Thread.currentThread().isInterrupted()"))


class LibraryLoop(Kernel):
    def test_kernel_survives_it(self):
        # Java 20 and later cannot end a loop outside a cell's own code: the thread is left behind, the kernel is not.
        self.value("%%jars %s/*.jar" % os.environ["PLANTED"])
        _, seconds = self.interrupt("planted.Planted.spin();", 40)
        self.assertGreater(seconds, 8)
        self.assertEqual("5", self.value("2 + 3"))


class Life(unittest.TestCase):
    def processes(self):
        found = set()
        for pid in filter(str.isdigit, os.listdir("/proc")) if os.path.isdir("/proc/self") else ():
            try:
                with open("/proc/%s/cmdline" % pid) as line, open("/proc/%s/stat" % pid) as stat:
                    found.add((int(pid), line.read().replace("\0", " "), stat.read().rsplit(")", 1)[1].split()[0]))
            except OSError:
                pass  # gone meanwhile
        if not found:
            for line in subprocess.run(["ps", "-eo", "pid,stat,args"], capture_output=True, text=True).stdout.splitlines()[1:]:
                pid, state, command = line.split(None, 2)
                found.add((int(pid), command, state[0]))
        return {pid for pid, command, state in found
                if "org.deepdelta.kernel.JavaKernel" in command and os.environ["SPEC"] in command and state != "Z"}

    def gone(self, before, limit=15):
        end = time.time() + limit
        while self.processes() - before and time.time() < end:
            time.sleep(0.1)
        self.assertEqual(set(), self.processes() - before)

    def setUp(self):
        self.before = self.processes()
        self.manager, self.client = start_new_kernel(kernel_name="java", startup_timeout=60)
        self.assertEqual(1, len(self.processes() - self.before))

    def tearDown(self):
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=True)
        self.gone(self.before)

    def execute(self, code):
        return self.client.execute(code, reply=True, timeout=LIMIT)["content"]["status"]

    def asked_to_leave(self):
        """A shutdown request and nothing else: the kernel must go by itself."""
        start = time.time()
        self.client.shutdown()
        self.gone(self.before)
        return time.time() - start

    def test_shutdown(self):
        self.assertEqual("ok", self.execute("int x = 1;"))
        self.assertLess(self.asked_to_leave(), 5)

    def test_shutdown_with_a_thread_of_its_own(self):
        self.execute("new Thread(() -> { while (true) { } }).start();")
        self.assertLess(self.asked_to_leave(), 5)

    def test_shutdown_of_a_running_loop(self):
        self.client.execute("while (true) { }")
        time.sleep(2)
        self.assertLess(self.asked_to_leave(), 8)

    def test_restart_forgets(self):
        self.assertEqual("ok", self.execute("int kept = 1;"))
        self.manager.restart_kernel()
        self.client.wait_for_ready(timeout=60)
        self.assertEqual("error", self.execute("kept"))
        self.assertEqual(1, len(self.processes() - self.before))

    def test_death_of_jupyter(self):
        script = ("from jupyter_client.manager import start_new_kernel\nimport os\n"
                  "start_new_kernel(kernel_name='java', startup_timeout=60)\nos._exit(9)\n")
        self.assertEqual(9, subprocess.run([sys.executable, "-c", script]).returncode)
        end = time.time() + 15
        while len(self.processes() - self.before) > 1 and time.time() < end:
            time.sleep(0.1)
        self.assertEqual(1, len(self.processes() - self.before))


class Report(unittest.TestResult):
    start = time.time()  # of what fails before its first test, such as a kernel that does not start

    def startTest(self, test):
        self.start = time.time()

    def say(self, test, status, detail=""):
        name = re.sub(r"^__main__\.", "", test.id())
        line = {"name": name, "status": status, "seconds": round(time.time() - self.start, 1), "detail": detail}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()

    def addSuccess(self, test):
        self.say(test, "ok")

    def addSkip(self, test, reason):
        self.say(test, "skip", reason)

    def addFailure(self, test, error):
        self.say(test, "fail", self._exc_info_to_string(error, test))

    addError = addFailure

    def addSubTest(self, test, subtest, error):
        if error is not None:
            self.say(test, "fail", self._exc_info_to_string(error, test))


def run(*kinds):
    suite = unittest.TestSuite()
    for kind in kinds:
        suite.addTests(t for t in unittest.defaultTestLoader.loadTestsFromTestCase(kind)
                       if len(sys.argv) < 2 or re.search(sys.argv[1], t.id()))
    suite.run(Report())


if __name__ == "__main__":
    # They mostly wait. The last counts kernels, and so is alone.
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for done in [pool.submit(run, *kinds) for kinds in ((Protocol,), (Cells, Interrupts), (LibraryLoop,))]:
            done.result()
    run(Life)
