package org.deepdelta.tensor;

import java.util.ServiceLoader;
import java.util.function.Supplier;

/**
 * Where tensors live and operations run: owns memory and chooses kernels. Chosen once, by name, and passed explicitly; model code never
 * asks which one it is on.
 */
public interface Device {

    /** The fused kernels for single precision, the references for everything else. */
    static Device cpu() {
        return CpuDevice.fused();
    }

    /** Plain ND4J for every operation and type. */
    static Device reference() {
        return CpuDevice.reference();
    }

    /**
     * A GPU of NVIDIA's, through CUDA.
     *
     * @throws IllegalStateException naming what is missing: driver, GPU, library, capability
     */
    static Device cuda() {
        return named("cuda");
    }

    /**
     * The device of that name: {@code cpu}, {@code reference}, or one that a {@link Provider} brings ({@code cuda}; {@code cuda-host}, the
     * CUDA kernels run by the CPU, for tests).
     *
     * @throws IllegalArgumentException for another name, listing what there is
     * @throws IllegalStateException if that device cannot be had here, saying what is missing
     */
    static Device named(String name) {
        if (name.equals("cpu")) {
            return cpu();
        }
        if (name.equals("reference")) {
            return reference();
        }
        StringBuilder known = new StringBuilder("cpu, reference");
        for (Provider provider : ServiceLoader.load(Provider.class, Device.class.getClassLoader())) {
            if (provider.name().equals(name)) {
                return provider.open();
            }
            known.append(", ").append(provider.name());
        }
        throw new IllegalArgumentException("device: expected one of " + known + ", got \"" + name + "\"");
    }

    /** Brings a device of its own; found by {@link ServiceLoader}. */
    interface Provider {
        /** What it is asked for by, such as {@code cuda}. */
        String name();

        /**
         * Opens it.
         *
         * @throws IllegalStateException if it cannot be had here, saying what is missing
         */
        Device open();
    }

    /** The device itself, where this one only watches over it. */
    default Device base() {
        return this;
    }

    /** One line for logs and results: which device, which libraries. */
    String describe();

    /** Whether tensors of that type can be computed with. */
    default boolean takes(DType type) {
        return type != DType.BF16;
    }

    /** A block of memory of at least that size. */
    Memory memory(long bytes);

    /** Which implementation runs an operation on such inputs. */
    Choice kernel(Op op, Tensor... in);

    /** Sets every element. */
    void fill(Tensor tensor, double value);

    /** Copies elements between tensors of one shape; GPUs also convert between F32 and BF16. */
    void copy(Tensor from, Tensor to);

    /** Adds elements: {@code into += from}, in the types of {@link #copy}. */
    void add(Tensor from, Tensor into);

    /** What kernels compute once a device, such as a table of angles: made at the first call with an equal key, kept from then on. */
    <T> T once(Object key, Supplier<T> make);

    /** A persistent tensor of zeros. */
    default Tensor allocate(Spec spec) {
        Tensor tensor = new Tensor(spec, memory(Math.max(64, spec.bytes())), 0, null);
        fill(tensor, 0);
        return tensor;
    }

    /** Memory for the tensors of a step. */
    default Arena arena() {
        return new Arena(this);
    }

    /**
     * An implementation and what to call it in reports.
     *
     * @param name such as {@code reference} or {@code cpu}
     * @param kernel what runs
     */
    record Choice(String name, Kernel kernel) {}
}
