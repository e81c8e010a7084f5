/**
 * Softmax cross entropy over logits z. With p = softmax(z), y the one-hot target, and w = 1 / count (0 where the target is ignored), the loss
 * is the sum of w (log sum exp z - z'y), and its gradient w (p - y) times the upstream scalar.
 */
package org.deepdelta.ops.crossentropy;
