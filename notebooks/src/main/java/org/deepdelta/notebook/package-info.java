/**
 * Runs the notebooks of this folder on a real Jupyter with a real Java kernel, checks them, and makes the report of them.
 *
 * <p>{@link org.deepdelta.notebook.Main} is what the build calls. {@code notebooks/setup} has run before and left in
 * {@code notebooks/target/setup.properties} where Jupyter, the kernel and Chromium are.
 */
package org.deepdelta.notebook;
