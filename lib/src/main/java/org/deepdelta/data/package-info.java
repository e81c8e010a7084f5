/**
 * What models are trained on: corpora, tokenizers, token shards, batches, and a task that needs an operation across
 * depth.
 *
 * <p>{@link org.deepdelta.data.Tokens} is a read-only sequence of any length, in memory or in mapped files;
 * {@link org.deepdelta.data.Batches} is a function from a batch's number to the batch, so that every variant of a
 * comparison sees the same data and a resumed run needs to know one number. Nothing here touches the network.
 */
package org.deepdelta.data;
