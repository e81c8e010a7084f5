/** The sum of the shards' gradients in a fixed order, and its norm. Not differentiated. */
package org.deepdelta.ops.gradientsum;
