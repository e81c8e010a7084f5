package org.deepdelta.tensor.cuda;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is missing where CUDA's libraries cannot be loaded, and where it is to be had. Links to none of them. */
final class MissingLibrary {
    private static final String BUILD = "build with -Pcuda, which brings org.bytedeco:cuda with its natives";
    private static final Pattern LIBRARY = Pattern.compile("(lib[\\w+-]+\\.so[\\w.]*): cannot open shared object file");

    private MissingLibrary() {}

    /** For what the loader threw. */
    static String say(Throwable error) {
        for (Throwable t = error; t != null; t = t.getCause()) {
            Matcher matcher = LIBRARY.matcher(String.valueOf(t.getMessage()));
            if (matcher.find()) {
                return library(matcher.group(1));
            }
        }
        if (error instanceof NoClassDefFoundError) {
            return "cuda: the bindings to CUDA are not on the class path (" + error.getMessage() + "): " + BUILD;
        }
        return "cuda: the natives of the bindings cannot be loaded (" + error.getMessage() + "): " + BUILD;
    }

    private static String library(String name) {
        if (name.startsWith("libcuda.")) {
            return "cuda: no driver here (" + name + "): NVIDIA's driver 580 or newer has it";
        }
        boolean packed = name.startsWith("libcudart") || name.startsWith("libnvrtc");
        return "cuda: the library " + name + " is missing: CUDA 13's toolkit or runtime packages have it"
                + (packed ? ", and so has org.bytedeco:cuda-redist (-Pcuda-redist)" : "")
                + "; LD_LIBRARY_PATH names its folder";
    }
}
