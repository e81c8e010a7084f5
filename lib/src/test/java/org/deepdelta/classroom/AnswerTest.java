package org.deepdelta.classroom;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

final class AnswerTest {

    private static final double[][] RIGHT = {{1, -2}, {3, 0.5}};

    private static String told(Object given) {
        return assertThrows(AssertionError.class, () -> Answer.to("Q", given).is(RIGHT, 1e-12))
                .getMessage();
    }

    private static INDArray right() {
        return Nd4j.createFromArray(RIGHT);
    }

    @Test
    void whatIsRightPassesInEveryForm() {
        assertDoesNotThrow(() -> {
            Answer.to("Q", RIGHT).is(right(), 0);
            Answer.to("Q", right().dup('f')).is(RIGHT, 0);
            Answer.to("Q", right().add(1e-13)).is(RIGHT, 1e-12);
            Answer.to("Q", Nd4j.createFromArray(1f, 2f)).is(new double[] {1, 2}, 1e-12);
            Answer.to("Q", 3).is(3.0, 0);
            Answer.to("Q", 1e-13).is(0, 1e-12);
            Answer.to("Q", "REFLECTION").is("REFLECTION");
        });
    }

    @Test
    void anAnswerThatIsNotThereYetIsAskedFor() {
        for (Object nothing : new Object[] {null, Double.NaN}) {
            AssertionError e = assertThrows(AssertionError.class, () -> Answer.to("Question 4", nothing));
            assertEquals(
                    "Question 4: no answer yet. Write it where YOUR CODE HERE stands, run that cell, then this one.",
                    e.getMessage());
        }
    }

    @Test
    void usualMistakesAreRecognised() {
        assertEquals("Q: the size is right, the sign is not.", told(right().neg()));
        assertEquals("Q: twice as large as it should be.", told(right().mul(2)));
        assertEquals("Q: half of what it should be.", told(right().div(2)));
        assertEquals("Q: rows and columns are exchanged.", told(right().transpose()));
        assertTrue(told(right().mul(1 + 1e-7)).contains("five digits"), told(right().mul(1 + 1e-7)));
        INDArray lost = right();
        lost.putScalar(1, 0, Double.NaN);
        assertEquals("Q: entry [1, 0] is NaN. Is something divided by zero?", told(lost));
    }

    @Test
    void shapesAreCompared() {
        assertEquals("Q: expected shape [2, 2], got shape [4].", told(new double[] {1, -2, 3, 0.5}));
        assertEquals("Q: expected shape [2, 2], got a number.", told(1.0));
        assertEquals("Q: expected shape [2, 2], got String.", told("1"));
        AssertionError e = assertThrows(AssertionError.class, () -> Answer.to("Q", Nd4j.zeros(DataType.DOUBLE, 3, 2))
                .is(Nd4j.zeros(DataType.DOUBLE, 2, 3), 0));
        assertEquals("Q: expected shape [2, 3], got shape [3, 2]: the two axes are exchanged.", e.getMessage());
    }

    @Test
    void anyOtherDifferenceNamesItsPlaceAndNoExpectedNumber() {
        INDArray other = right();
        other.putScalar(1, 1, 0.75);
        assertEquals("Q: entry [1, 1] is off by 0.25.", told(other));
        AssertionError e =
                assertThrows(AssertionError.class, () -> Answer.to("Q", 2.0).is(17.125, 1e-9));
        assertFalse(e.getMessage().contains("17"), e.getMessage());
    }

    @Test
    void announcedMistakesComeFirstUnlessTheyAreRight() {
        Answer answer = Answer.to("Q", right().neg())
                .mistake(right(), "never told")
                .mistake(right().neg(), "the sign of the write")
                .mistake(right().neg(), "a later one");
        AssertionError e = assertThrows(AssertionError.class, () -> answer.is(RIGHT, 1e-12));
        assertEquals("Q: the sign of the write.", e.getMessage());
        assertDoesNotThrow(() -> Answer.to("Q", right()).mistake(right(), "no").is(RIGHT, 1e-12));
        Answer text = Answer.to("Q", "a").mistake("a", "look again").mistake("b", "no");
        assertEquals(
                "Q: look again.",
                assertThrows(AssertionError.class, () -> text.is("c")).getMessage());
    }

    @Test
    void argumentsThatWereWrittenToAreNamed() {
        INDArray x = right();
        INDArray before = x.dup();
        assertDoesNotThrow(() -> Answer.unchanged("Q", "x", before, x));
        x.muli(2);
        AssertionError e = assertThrows(AssertionError.class, () -> Answer.unchanged("Q", "x", before, x));
        assertTrue(e.getMessage().startsWith("Q: your code changed its argument x."), e.getMessage());
    }

    @Test
    void aConditionIsToldInItsOwnWords() {
        assertDoesNotThrow(() -> Answer.to("Q", RIGHT).holds(true, "no"));
        assertEquals(
                "Q: it must fall.",
                assertThrows(AssertionError.class, () -> Answer.to("Q", RIGHT).holds(false, "it must fall"))
                        .getMessage());
    }
}
