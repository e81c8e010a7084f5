/**
 * Causal softmax attention. For one head with S = s q k', s = 1 / sqrt(h), P = softmax(S) row by row over the positions up to the row's own,
 * y = P v, and upstream U:
 *
 * <pre>
 *   dv = P'U                 dP = U v'
 *   dS = P * (dP - r)        r = the row sums of P * dP, the softmax's own derivative
 *   dq = s dS k              dk = s dS'q
 * </pre>
 */
package org.deepdelta.ops.attention;
