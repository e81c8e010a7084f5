/**
 * Tensors, reverse-mode differentiation, and devices.
 *
 * <p>Three interfaces carry it. An {@link org.deepdelta.tensor.Op} says what an operation computes and how shapes follow; its
 * {@link org.deepdelta.tensor.Reference} computes it in plain ND4J and its {@link org.deepdelta.tensor.Kernel} on a device's memory. A
 * {@link org.deepdelta.tensor.Device} owns memory and chooses between them. A {@link org.deepdelta.tensor.Tape} applies operations, in an
 * {@link org.deepdelta.tensor.Arena} that is reset each step, and walks back over them; it also offers the primitives of which a residual
 * rule can be written without deriving a gradient.
 */
package org.deepdelta.tensor;
