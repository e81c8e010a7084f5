package org.deepdelta.operator;

/**
 * A real eigenvalue and how often it occurs.
 *
 * @param value the eigenvalue
 * @param multiplicity the dimension of its eigenspace, at least 1
 */
public record Eigenvalue(double value, int multiplicity) {}
