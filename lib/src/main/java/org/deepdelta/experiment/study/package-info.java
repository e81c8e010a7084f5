/**
 * Studies: what is to be compared is declared in one file, run once, and kept as small results that say how they came about.
 *
 * <p>{@link org.deepdelta.experiment.study.Study} reads the file: a {@link org.deepdelta.experiment.study.Task}, variants, further axes,
 * seeds, and a tuning that is equal for all. Each point of that grid is a {@link org.deepdelta.experiment.study.RunConfig}, everything that
 * decides the bits of one training run; {@link org.deepdelta.experiment.study.RunResult} is what came of it, and
 * {@link org.deepdelta.experiment.study.Results} the file that keeps them. {@link org.deepdelta.experiment.study.Runner} runs what is
 * missing, several at once, and loses nothing when it is stopped. A {@link org.deepdelta.experiment.study.Fingerprint} ties a result to the
 * behaviour of the code: a notebook recomputes it before it believes a number.
 */
package org.deepdelta.experiment.study;
