package org.deepdelta.experiment.parity;

import java.io.IOException;
import java.util.TreeSet;
import org.deepdelta.experiment.parity.Comparison.Group;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Safetensors;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/** A run of a case: its device, precision, and what was found. */
final class Run {
    private final boolean kernels;
    private final boolean single;
    private final Device device;
    private final Arena arena;
    private final Comparison comparison;
    private final TreeSet<String> ran = new TreeSet<>();

    private Run(Device device, boolean kernels, boolean single) {
        this.device = device;
        this.kernels = kernels;
        this.single = single;
        this.arena = device.arena();
        this.comparison = new Comparison(single);
    }

    static Run doubleOnReferences() {
        return new Run(Device.reference(), false, false);
    }

    static Run singleOnReferences() {
        return new Run(Device.reference(), false, true);
    }

    static Run singleOnKernels(Device device) {
        return new Run(device, true, true);
    }

    boolean single() {
        return single;
    }

    Device device() {
        return device;
    }

    Arena arena() {
        return arena;
    }

    DType type() {
        return single ? DType.F32 : DType.F64;
    }

    Comparison comparison() {
        return comparison;
    }

    /** The name of a group of tensors in this precision: {@code out_f32} for {@code out}. */
    String key(String group) {
        return single ? group + "_f32" : group;
    }

    /** A tensor of a file in this run's precision. */
    Tensor load(Safetensors file, String name) throws IOException {
        return arena.allocate(Spec.of(type(), file.shape(name))).set(file.doubles(name));
    }

    /** Token ids of a file. */
    Tensor loadIds(Safetensors file, String name) throws IOException {
        return arena.allocate(Spec.of(DType.I32, file.shape(name))).set(file.ints(name));
    }

    Tensor loadAs(Safetensors file, String name, Shape shape) throws IOException {
        return load(file, name).as(shape);
    }

    void check(Group group, Safetensors file, String name, Tensor actual) throws IOException {
        if (actual == null) {
            comparison.fail(name + ": not computed");
        } else {
            comparison.check(group, name, file.doubles(name), actual.toDoubles());
        }
    }

    /** Notes which implementations a tape used; a reference in the place of a kernel is a failure. */
    void finished(Tape t) {
        t.ran().keySet().forEach(this::ran);
    }

    /** Notes an operation and its implementation, such as {@code delta cpu}. */
    void ran(String operation) {
        String[] words = operation.split(" ");
        if (ran.add(words[0]) && kernels && words[1].equals("reference")) {
            comparison.fail("fallback: " + words[0] + " ran on its " + words[1]);
        }
    }

    String label() {
        return (single ? "f32" : "f64") + (kernels ? " kernels" : " references");
    }

    void close() {
        arena.close();
    }

    @Override
    public String toString() {
        return (single ? "f32" : "f64")
                + (kernels ? " kernels " : " references ")
                + comparison
                + (kernels ? " " + ran : "");
    }
}
