package org.deepdelta.tensor;

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
     * The device of that name: {@code cpu} or {@code reference}.
     *
     * @throws IllegalArgumentException for another name
     */
    static Device named(String name) {
        return switch (name) {
            case "cpu" -> cpu();
            case "reference" -> reference();
            default -> throw new IllegalArgumentException("device: expected cpu or reference, got \"" + name + "\"");
        };
    }

    /** One line for logs and results: which device, which libraries. */
    String describe();

    /** A block of memory of at least that size. */
    Memory memory(long bytes);

    /** Which implementation runs an operation on such inputs. */
    Choice kernel(Op op, Tensor... in);

    /** Sets every element. */
    void fill(Tensor tensor, double value);

    /** Copies elements between tensors of one type and shape. */
    void copy(Tensor from, Tensor to);

    /** Adds elements: {@code into += from}. */
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
