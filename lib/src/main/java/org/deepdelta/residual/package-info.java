/**
 * The residual connection as a choice: {@link org.deepdelta.residual.ResidualStream} and the rules that implement it, X + F(X) and the delta
 * rewrite of the paper's Sec. 3.
 */
package org.deepdelta.residual;
