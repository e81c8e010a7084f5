/**
 * Streams mixed into streams: contract, reference, kernel, and here the derivation of the gradient.
 *
 * <p>For one token, with H in R^(n x d), A in R^(n x m), b in R^m and y in R^d, H' = A'H + b y', and dH' = dA'H + A'dH + db y' + b dy'.
 * With the upstream gradient U in R^(m x d) and &lt;U, M&gt; = tr(U'M),
 *
 * <pre>
 *   dL/dH = A U          dL/dA = H U'          dL/db = U y          dL/dy = U'b
 * </pre>
 *
 * <p>Coefficients that all tokens share have the sum over tokens. For a plain sum of the outputs U is all ones; if then A's rows sum to one,
 * as those of a doubly stochastic matrix do, dL/dH is all ones too, and moving A within its row sums changes nothing: such a loss
 * tests nothing.
 */
package org.deepdelta.ops.streams;
