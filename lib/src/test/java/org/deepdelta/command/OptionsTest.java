package org.deepdelta.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every command says of what it cannot use. */
final class OptionsTest {
    @TempDir
    Path folder;

    @Test
    void anOptionThatThereIsNotIsRefusedByName() throws Exception {
        String said = new CommandRun(Train.class).run(2, "step=5", "skipTests", "some.one.elses=1");
        assertTrue(said.startsWith("train: -Dstep: expected an option of train: "), said);
        assertTrue(said.contains(" steps,") && said.lines().count() == 1 && !said.contains("skipTests"), said);
        assertTrue(
                new CommandRun(Train.class).run(2, "resume=maybe").contains("-Dresume=maybe: expected nothing, true"));
        assertTrue(new CommandRun(Train.class).run(0, "step=5", "help").contains("-Dsteps="));
    }

    @Test
    void aFileThatCannotBeUsedIsNamedWithTheReason() throws Exception {
        Path missing = folder.resolve("missing");
        assertEquals("a/b: no such file", Options.said(new NoSuchFileException("a/b")));
        assertEquals("a/b: access denied", Options.said(new AccessDeniedException("a/b")));
        assertEquals("a/b: full", Options.said(new FileSystemException("a/b", null, "full")));
        String text = new CommandRun(Train.class).run(1, "text=" + folder, "out=" + missing);
        assertTrue(text.contains(folder + ": found a folder, expected a file of text or tokens"), text);
        assertTrue(Files.notExists(missing), "nothing was written");
        assertTrue(new CommandRun(Parity.class).run(2).contains("-Dparity: expected a folder"));
    }
}
