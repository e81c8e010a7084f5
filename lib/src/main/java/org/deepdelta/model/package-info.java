/**
 * {@link org.deepdelta.model.Gpt}, a decoder-only Transformer over any residual rule, with its configuration in our words and the authors';
 * {@link org.deepdelta.model.DeltaNetwork}, the general block of the paper's first version as a deep network without attention.
 */
package org.deepdelta.model;
