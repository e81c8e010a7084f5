/** {@link org.deepdelta.model.Gpt}, a decoder-only Transformer over any residual rule, and its configuration in our words and the authors'. */
package org.deepdelta.model;
