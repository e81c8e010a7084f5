/**
 * One folder an operation: the contract (equation, shapes), the reference (plain ND4J, the oracle of every test and the path for doubles),
 * the fused CPU kernel. Operations know tensors and nothing above.
 */
package org.deepdelta.ops;
