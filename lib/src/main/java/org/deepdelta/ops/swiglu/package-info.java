/**
 * The gate of a SwiGLU layer. With s = sigmoid(a), y = a s b and ds/da = s (1 - s):
 *
 * <pre>
 *   dL/da = U b (s + a s (1 - s))        dL/db = U a s
 * </pre>
 */
package org.deepdelta.ops.swiglu;
