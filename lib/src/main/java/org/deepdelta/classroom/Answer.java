package org.deepdelta.classroom;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a student's code gave for one question. {@link #is} ends quietly where it is right and throws where it is not, with a message that
 * names the question and helps without giving the answer away: no expected number is ever printed. Sign, factor of two, exchanged axes,
 * single precision and "not a number" are recognised by themselves; other usual mistakes are announced to {@link #mistake} with what they would give.
 *
 * <pre>
 *   Answer.to("Question 2", shortcut(beta, k, x))
 *           .mistake(x, "that is the state as it came in")
 *           .is(expected, 1e-12);
 * </pre>
 *
 * <p>An answer is a number, an array of numbers ({@code double[]}, {@code double[][]}, {@code INDArray}, {@code Tensor}), or anything else
 * with {@code equals}. {@code null} and, for a number, NaN count as not answered: a student's version begins with them.
 *
 * <p>Nothing is printed, and {@code is} returns nothing: under nbgrader a word on standard error costs all points of a cell, and a value at its
 * end is taken for points.
 */
public final class Answer {
    private static final double SINGLE = 1e-5;

    private final String question;
    private final Object given;
    private final List<Mistake> mistakes = new ArrayList<>();

    private record Mistake(Object gives, String hint) {}

    private Answer(String question, Object given) {
        this.question = question;
        this.given = given;
    }

    /**
     * The answer to a question.
     *
     * @param question its name, at the head of every message
     * @param given what the student's code returned
     * @throws AssertionError if there is no answer yet
     */
    public static Answer to(String question, Object given) {
        if (given == null || given instanceof Number number && Double.isNaN(number.doubleValue())) {
            throw new AssertionError(
                    question + ": no answer yet. Write it where YOUR CODE HERE stands, run that cell, then this one.");
        }
        return new Answer(question, given);
    }

    /**
     * A usual mistake. Of several that give the same, the first is told; one that gives the right answer in this case is none.
     *
     * @param gives what it would give here, of a kind that an answer may have
     * @param hint what to tell whoever made it, without the answer
     */
    public Answer mistake(Object gives, String hint) {
        mistakes.add(new Mistake(gives, hint));
        return this;
    }

    /**
     * Checks a number or an array of numbers.
     *
     * @param expected the right answer; its shape is expected too
     * @param tolerance relative to its largest entry, or absolute where all are 0
     * @throws AssertionError if the answer differs, with the first thing that explains how
     * @throws IllegalArgumentException if {@code expected} or what a mistake gives is not numeric
     */
    public void is(Object expected, double tolerance) {
        Numbers right = Numbers.of(expected);
        if (!Numbers.are(given)) {
            throw wrong("expected " + right.kind() + ", got " + given.getClass().getSimpleName());
        }
        Numbers found = Numbers.of(given);
        double scale = right.largest() == 0 ? 1 : right.largest();
        if (found.agrees(right, tolerance * scale)) {
            return;
        }
        for (Mistake mistake : mistakes) {
            if (found.agrees(Numbers.of(mistake.gives()), tolerance * scale)) {
                throw wrong(mistake.hint());
            }
        }
        throw wrong(found.sameShape(right) ? difference(found, right, tolerance * scale, scale) : shapes(found, right));
    }

    /**
     * Checks an answer that is no number, by {@code equals}.
     *
     * @param expected the right answer
     * @throws AssertionError if the answer differs
     */
    public void is(Object expected) {
        if (given.equals(expected)) {
            return;
        }
        for (Mistake mistake : mistakes) {
            if (given.equals(mistake.gives())) {
                throw wrong(mistake.hint());
            }
        }
        throw wrong("\"" + given + "\" is not right");
    }

    /**
     * Checks something about the answer that is not a value.
     *
     * @param holds whether it holds
     * @param hint what to say where it does not
     * @throws AssertionError if it does not
     */
    public void holds(boolean holds, String hint) {
        if (!holds) {
            throw wrong(hint);
        }
    }

    /**
     * Checks that the student's code left an argument alone.
     *
     * @param question its name, at the head of the message
     * @param name of the argument
     * @param before a copy from before the call
     * @param now the argument
     * @throws AssertionError if an entry differs
     */
    public static void unchanged(String question, String name, INDArray before, INDArray now) {
        if (!Numbers.of(before).agrees(Numbers.of(now), 0)) {
            throw new AssertionError(question + ": your code changed its argument " + name
                    + ". Methods of INDArray that end in i (muli, subi, divi) and putScalar write into the array itself; those without"
                    + " the i make a new one.");
        }
    }

    private AssertionError wrong(String why) {
        return new AssertionError(question + ": " + why + (why.endsWith("?") ? "" : "."));
    }

    private static String shapes(Numbers found, Numbers right) {
        String how = found.transposed().sameShape(right) ? ": the two axes are exchanged" : "";
        return "expected " + right.kind() + ", got " + found.kind() + how;
    }

    private static String difference(Numbers found, Numbers right, double tolerance, double scale) {
        int lost = found.firstNotFinite();
        if (lost >= 0) {
            return where(found, lost) + "is " + found.entries()[lost] + ". Is something divided by zero?";
        }
        if (found.times(-1).agrees(right, tolerance)) {
            return "the size is right, the sign is not";
        }
        if (found.times(0.5).agrees(right, tolerance)) {
            return "twice as large as it should be";
        }
        if (found.times(2).agrees(right, tolerance)) {
            return "half of what it should be";
        }
        if (found.transposed().agrees(right, tolerance)) {
            return "rows and columns are exchanged";
        }
        if (found.agrees(right, SINGLE * scale)) {
            return "right to five digits, not more. Is one of your arrays of type FLOAT, or is a step of yours not exact?";
        }
        int worst = found.worst(right);
        return String.format(Locale.ROOT, "%sis off by %.2g", where(found, worst), found.gap(right, worst));
    }

    private static String where(Numbers numbers, int i) {
        return numbers.shape().length == 0 ? "it " : "entry " + Arrays.toString(numbers.place(i)) + " ";
    }
}
