/** Rows of a table by ids. The gradient of a row is the sum of U over all positions that took it, in their order: no bits are left to chance. */
package org.deepdelta.ops.embedding;
