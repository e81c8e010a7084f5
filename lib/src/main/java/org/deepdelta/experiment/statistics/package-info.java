/**
 * What a handful of seeds can say.
 *
 * <p>Two variants are compared on the same seeds, that is on the same data in the same order, so each seed gives a difference;
 * {@link org.deepdelta.experiment.statistics.PairedDifference} is what n of them say, with intervals, and
 * {@link org.deepdelta.experiment.statistics.PairedTest} what n of them could have said. Nothing here knows what was measured.
 */
package org.deepdelta.experiment.statistics;
