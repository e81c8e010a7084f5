/**
 * The way from one sublayer to the next in one pass: rewrite, compress, normalise. With X' the rewritten state, x = compress(X'),
 * c = RMSNorm(x), and the gradients U, g and h that arrive at X', x and c:
 *
 * <pre>
 *   dx  = g + the norm's gradient of h           dX' = U + the compressor's gradient of dx
 * </pre>
 *
 * <p>and dX' goes through the rewrite. Each piece is derived where it stands alone: {@link org.deepdelta.ops.delta},
 * {@link org.deepdelta.ops.compress}, {@link org.deepdelta.ops.rmsnorm}.
 */
package org.deepdelta.ops.step;
