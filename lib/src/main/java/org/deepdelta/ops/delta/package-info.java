/**
 * The delta rewrite: contract, reference, kernels, and here the derivation of its gradient.
 *
 * <p>For one token, with state X in R^(d x dv), direction k~ in R^d, value v in R^dv and gate beta:
 *
 * <pre>
 *   n  = sqrt(|k~|^2 + eps^2)         k = k~ / n
 *   e  = v - X'k                      what is missing in the read channel, in R^dv
 *   X+ = X + beta k e'                Eq. (2.2)
 * </pre>
 *
 * <p>Let U = dL/dX+ and p = U'k. From the differential dX+ = dX + dbeta k e' + beta dk e' + beta k de' with de = dv - dX'k - X'dk, and
 * &lt;U, a b'&gt; = a'U b:
 *
 * <pre>
 *   dL/dX    = U - beta k p'
 *   dL/dv    = beta p
 *   dL/dbeta = p'e
 *   dL/dk    = beta (U e - X p)
 * </pre>
 *
 * <p>With a gate b that erases and a gate w that writes, X+ = X + k e' with e = w v - b X'k; now de = dw v + w dv - db X'k - b dX'k - b X'dk,
 * so that
 *
 * <pre>
 *   dL/dX = U - b k p'        dL/dw = p'v
 *   dL/dv = w p               dL/db = -p'(X'k)
 *   dL/dk = U e - b X p
 * </pre>
 *
 * <p>b = 0, not trained, is the write-only control X+ = X + w k v'. At w = b = beta all three are one, with dL/dbeta = dL/dw + dL/db.
 *
 * <p>The direction's own derivative is dk = dk~ / n - k~ (k~'dk~) / n^3 = (dk~ - k (k'dk~)) / n, which holds with eps &gt; 0 as well, since
 * dn = k~'dk~ / n whatever eps is. It is symmetric, hence
 *
 * <pre>
 *   dL/dk~   = (dL/dk - k (k'dL/dk)) / n
 * </pre>
 *
 * <p>and k'(dL/dk) = p'(e - b X'k), or p'(beta (e - X'k)) for the shared gate, takes no further sum over the d features.
 */
package org.deepdelta.ops.delta;
