/** Deep Delta Learning on the JVM. */
package org.deepdelta;
