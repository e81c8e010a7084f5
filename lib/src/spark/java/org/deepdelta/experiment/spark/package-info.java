/**
 * Studies on Apache Spark, a task a run. Compiled with the profile {@code spark} alone; nothing else knows of it.
 *
 * @see org.deepdelta.experiment.study.RunExecutor
 */
package org.deepdelta.experiment.spark;
