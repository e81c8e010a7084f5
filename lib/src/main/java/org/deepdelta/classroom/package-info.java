/**
 * What the problem sets in {@code notebooks/exercises} check answers with. {@link org.deepdelta.classroom.Answer} is handed what a student's
 * code returned and what it should have been; where they differ it says something that helps, and never the right answer.
 */
package org.deepdelta.classroom;
