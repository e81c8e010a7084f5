/** What {@code mvn -q -pl lib compile exec:java@NAME} runs, each with {@code -Dhelp}. */
package org.deepdelta.command;
