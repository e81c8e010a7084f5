/**
 * What a notebook shows: rich output in whichever Java kernel is running ({@link org.deepdelta.report.Display}),
 * figures in one house style, sliders over frames that Java computed, progress in place, the stamp of a notebook, and
 * the preset that scales it.
 */
package org.deepdelta.report;
