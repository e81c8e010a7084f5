/**
 * Expanding an embedding into a state: contract, reference, kernel, and here the derivation of its gradient.
 *
 * <p>With lag l = K - 1 - s, X_t[i, j] = sum over l of W[K-1-l, j, i] e_{t-l}[i], zeros for t &lt; l; linear in e and in W. With upstream U
 *
 * <pre>
 *   dL/de_t[i]         = sum over j and over l with t + l &lt; T of W[K-1-l, j, i] U_{t+l}[i, j]
 *   dL/dW[K-1-l, j, i] = sum over tokens t &gt;= l of e_{t-l}[i] U_t[i, j]
 * </pre>
 *
 * <p>It is the transpose of {@link org.deepdelta.ops.compress} with time running backwards.
 */
package org.deepdelta.ops.expand;
