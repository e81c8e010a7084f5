/**
 * Compressing an expanded state: contract, reference, kernel, and here the derivation of its gradient.
 *
 * <p>With lag l = K - 1 - s, x_t[i] = sum over l and j of W[K-1-l, j, i] X_{t-l}[i, j], zeros for t &lt; l. It is linear in X and in W, and
 * feature by feature, so with upstream u
 *
 * <pre>
 *   dL/dX_t[i, j]   = sum over l with t + l &lt; T of W[K-1-l, j, i] u_{t+l}[i]
 *   dL/dW[K-1-l, j, i] = sum over tokens t &gt;= l of X_{t-l}[i, j] u_t[i]
 * </pre>
 *
 * <p>Both compressors of Sec. 3.2 are this one operation. TC with convolution c and read vector r has W[s, j, i] = r[j] c[i, j, s]; CC, a
 * convolution along the value channels, has K = 1 and W[0, j, i] = sum over m of r[m] c[i, j-m+p].
 */
package org.deepdelta.ops.compress;
