package org.deepdelta.operator;

import java.util.Arrays;
import java.util.Locale;
import java.util.StringJoiner;

/**
 * The eigenvalues of a real square matrix, complex in general, sorted by falling real part, then falling imaginary part.
 *
 * @param re real parts [n]
 * @param im imaginary parts [n]
 */
public record Spectrum(double[] re, double[] im) {

    /** Sorts; throws IllegalArgumentException if there is not one imaginary part for each real part. */
    public Spectrum {
        if (re.length != im.length) {
            throw new IllegalArgumentException(
                    "Spectrum: " + re.length + " real parts but " + im.length + " imaginary parts");
        }
        double[][] pairs = new double[re.length][];
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = new double[] {re[i], im[i]};
        }
        Arrays.sort(pairs, (a, b) -> a[0] == b[0] ? Double.compare(b[1], a[1]) : Double.compare(b[0], a[0]));
        re = Arrays.stream(pairs).mapToDouble(p -> p[0]).toArray();
        im = Arrays.stream(pairs).mapToDouble(p -> p[1]).toArray();
    }

    /** The number of eigenvalues, counted with multiplicity. */
    public int size() {
        return re.length;
    }

    /** |lambda_i|. */
    public double modulus(int i) {
        return Math.hypot(re[i], im[i]);
    }

    /** The spectral radius, max |lambda_i|. */
    public double radius() {
        double radius = 0;
        for (int i = 0; i < size(); i++) {
            radius = Math.max(radius, modulus(i));
        }
        return radius;
    }

    /** The largest |Im lambda_i|: 0 for a spectrum on the real line. */
    public double largestImaginaryPart() {
        return Arrays.stream(im).map(Math::abs).max().orElse(0);
    }

    /** The number of eigenvalues with |lambda - (re + i im)| at most {@code tolerance}. */
    public int countNear(double re, double im, double tolerance) {
        int count = 0;
        for (int i = 0; i < size(); i++) {
            if (Math.hypot(this.re[i] - re, this.im[i] - im) <= tolerance) {
                count++;
            }
        }
        return count;
    }

    /** The eigenvalues to four digits, conjugate pairs as one: {@code 0.5403 ± 0.8415i, 1.0000}. */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(", ");
        for (int i = 0; i < size(); i++) {
            if (Math.abs(im[i]) < 5e-5) {
                text.add(String.format(Locale.ROOT, "%.4f", re[i]));
            } else if (im[i] > 0) {
                text.add(String.format(Locale.ROOT, "%.4f \u00b1 %.4fi", re[i], im[i]));
            }
        }
        return text.toString();
    }

    /** The determinant: the product of all eigenvalues, whose imaginary part cancels. */
    public double determinant() {
        double a = 1;
        double b = 0;
        for (int i = 0; i < size(); i++) {
            double next = a * re[i] - b * im[i];
            b = a * im[i] + b * re[i];
            a = next;
        }
        return a;
    }
}
