/**
 * Training: AdamW with clipping, warm-up and cosine; a step that cuts the batch into shards whose gradients are summed by index; a trainer
 * with run log, validation and checkpoints from which a run continues bit for bit.
 */
package org.deepdelta.train;
