/** Parameters and the layers of a Transformer: what holds trained numbers, under the authors' names. */
package org.deepdelta.nn;
