/**
 * The frozen Delta operator in double precision: what one shortcut of Deep Delta Learning does to the state when its
 * direction and gate are held fixed.
 *
 * <p>A layer rewrites a state X [d, dv] along one direction k [d] with a gate beta and a target v [dv]:
 *
 * <pre>
 *   X' = A X + beta k v',   A = I - beta k k'        Eq. (2.1), erase and write as one affine map
 *   X' = X + beta k (v' - k' X)                      Eq. (2.2), read, compare, write
 * </pre>
 *
 * <p>Everything here follows from one number, c = beta |k|^2. A is symmetric; it multiplies k by 1 - c and leaves the
 * d - 1 dimensions orthogonal to k as they are (Prop. 2.1, which has |k| = 1 and so c = beta). Hence
 *
 * <pre>
 *   det A = 1 - c,   (1 - c)^dv on dv columns;       singular values 1 (d - 1 times) and |1 - c|
 *   A^-1 = I + beta / (1 - c) k k'                   Sherman and Morrison 1950; none at c = 1
 *   min over orthogonal Q of |A - Q|_F = | |1 - c| - 1 |
 * </pre>
 *
 * <p>The models normalise a raw direction with a guard, k = k~ / sqrt(|k~|^2 + eps^2) (Sec. 3.1), so |k| is a little
 * below one, and far below one where |k~| is of the size of eps: the closed forms keep |k|.
 *
 * <p>A product of n shortcuts is the identity plus a matrix of rank n at most, A_n ... A_1 = I - W Y' with W and Y
 * [d, n] (the WY form of Bischof and Van Loan 1987), and is not symmetric: its eigenvalues are complex in general. With
 * its targets a sequence of updates is X + W (V - Y'X), Eq. (2.2) with n directions at once
 * ({@link org.deepdelta.operator.DeltaChunk}): what DeltaNet computes over time, where nothing depends on the state.
 *
 * <p>Each property has two answers: the closed form ({@link org.deepdelta.operator.DeltaOperator},
 * {@link org.deepdelta.operator.DeltaProduct}) and the number that a general matrix algorithm finds without knowing
 * where the matrix came from ({@link org.deepdelta.operator.NumericalMatrix}). The tests hold one against the other.
 *
 * <p>This is the analysis of the <em>frozen shortcut</em>. In a layer k, beta and v depend on X; the layer's Jacobian
 * has more terms than A (Sec. 2.3).
 *
 * <p>Source: Zhang, Liu, Wang, Gu, Deep Delta Learning, arXiv 2601.00417; the determinant from its first version.
 */
package org.deepdelta.operator;
