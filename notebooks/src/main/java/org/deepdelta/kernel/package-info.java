/**
 * A Java kernel for Jupyter, for machines where IJava cannot be had: JShell behind {@code jupyter-jvm-basekernel},
 * the library that IJava itself is built on, so that a notebook meets the same display API.
 *
 * <p>{@link org.deepdelta.kernel.JavaKernel} speaks the protocol, {@link org.deepdelta.kernel.Session} evaluates cells,
 * {@link org.deepdelta.kernel.CellControl} runs snippets in a thread that an interrupt can end, and
 * {@link org.deepdelta.kernel.InstallSpec} tells Jupyter how to start it all.
 */
package org.deepdelta.kernel;
