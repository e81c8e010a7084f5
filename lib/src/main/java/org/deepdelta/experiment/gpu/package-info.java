/**
 * What a GPU is tried with where ND4J has no backend: every operation, small models and a training run against values that were made before
 * on a CPU, in double on the references; equal bits for equal seeds; and the speed of a training step, after its result was checked.
 */
package org.deepdelta.experiment.gpu;
