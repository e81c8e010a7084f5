/**
 * Rotary positions and query-key normalisation. The rotation R of a head is orthogonal, so a gradient passes it by R', the rotation by the
 * opposite angle; the normalisation after it is that of {@link org.deepdelta.ops.rmsnorm}, a head being a row.
 */
package org.deepdelta.ops.rotary;
