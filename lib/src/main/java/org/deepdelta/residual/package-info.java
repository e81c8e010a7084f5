/**
 * The residual connection as a choice: {@link org.deepdelta.residual.ResidualStream} and the rules that implement it, X + F(X), the
 * delta rewrite of the paper's Sec. 3, and rules over several streams: Hyper-Connections and their manifold-constrained form.
 */
package org.deepdelta.residual;
