/** One AdamW update, in place. Not differentiated. */
package org.deepdelta.ops.adamw;
