/** The affine map y = x W' + b. With the rows of x as a matrix: dx = U W, dW = U'x, db = the column sums of U. */
package org.deepdelta.ops.linear;
