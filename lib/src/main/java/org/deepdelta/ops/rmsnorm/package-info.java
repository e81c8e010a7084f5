/**
 * Root-mean-square normalisation. With r = 1 / sqrt(mean(x^2) + eps), z = r x, y = w z and upstream U, put g = w U. From
 * dr = -r^3 mean(x dx) follows dz = r dx - r z mean(z dx), which is symmetric; hence
 *
 * <pre>
 *   dL/dx = r (g - z mean(z g))          dL/dw = sum over rows of U z
 * </pre>
 */
package org.deepdelta.ops.rmsnorm;
