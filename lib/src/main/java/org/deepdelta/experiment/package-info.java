/** What a trained model is worth: its loss on a text beside what counting knows, and multiple choice. */
package org.deepdelta.experiment;
