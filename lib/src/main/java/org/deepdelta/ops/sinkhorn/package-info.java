/**
 * Nearly doubly stochastic matrices: contract, reference, kernel, and here the derivation of the gradient.
 *
 * <p>One normalisation is y = x / s with s = sum(x), over a column or a row. From dy = dx / s - x ds / s^2 = (dx - y sum(dx)) / s, for an
 * upstream gradient g of y,
 *
 * <pre>
 *   dL/dx = (g - &lt;g, y&gt;) / s
 * </pre>
 *
 * <p>The rounds are walked back one normalisation at a time, with the y and s of each. The exponential at the beginning gives dL/dL = M dL/dM.
 * The maximum that is subtracted from a column scales it, which the first normalisation undoes: its own derivative is zero, for
 * &lt;dL/dx, x&gt; = (&lt;g, x&gt; - &lt;g, y&gt; s) / s = 0.
 */
package org.deepdelta.ops.sinkhorn;
