/**
 * GPUs through CUDA. A {@link org.deepdelta.tensor.cuda.CudaDevice} owns memory and launches the kernels that lie as {@code .cu} files beside
 * their references, on a {@link org.deepdelta.tensor.cuda.Gpu}: NVIDIA's driver, or for tests a host shim that has g++ compile the same
 * sources for the CPU.
 */
package org.deepdelta.tensor.cuda;
