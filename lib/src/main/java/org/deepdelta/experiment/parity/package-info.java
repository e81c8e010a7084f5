/**
 * Comparison with reference values of the authors' implementation, in the folder format of their generator: ops/, models/, train/.
 *
 * <p>Every case runs three times: in double on the references, in single precision on the references, and in single precision on the
 * kernels, where an operation that falls back to its reference is a failure. On a device of choice (a GPU) it runs once, in single precision. Double results are compared with the values in double, single
 * ones with those in single precision, relative to the largest entry of the tensor.
 */
package org.deepdelta.experiment.parity;
