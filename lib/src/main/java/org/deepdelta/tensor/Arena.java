package org.deepdelta.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * The memory of one step: tensors are cut from it one after the other and all end together. After the first step it is a single block of
 * the size that the step needed, so that later steps allocate nothing. An arena belongs to one thread.
 */
public final class Arena {
    private static final long ALIGN = 64;
    private static final long FIRST = 1 << 20;

    private final Device device;
    private final List<Memory> blocks = new ArrayList<>();
    private int block;
    private long used;
    private long taken;
    private long peak;
    private long generation;

    Arena(Device device) {
        this.device = device;
    }

    /** How often this arena was reset or rewound: a tensor of an earlier generation is dead. */
    long generation() {
        return generation;
    }

    /** A tensor with arbitrary content. */
    public Tensor allocate(Spec spec) {
        long bytes = Math.max(ALIGN, (spec.bytes() + ALIGN - 1) / ALIGN * ALIGN);
        while (block < blocks.size() && used + bytes > blocks.get(block).bytes()) {
            block++;
            used = 0;
        }
        if (block == blocks.size()) {
            blocks.add(device.memory(Math.max(bytes, Math.max(FIRST, capacity()))));
        }
        Tensor tensor = new Tensor(spec, blocks.get(block), used, this);
        used += bytes;
        taken += bytes;
        peak = Math.max(peak, taken);
        return tensor;
    }

    /** Ends the step: every tensor cut so far is dead, the memory is kept. */
    public void reset() {
        generation++;
        if (blocks.size() > 1) {
            long all = capacity();
            blocks.forEach(Memory::close);
            blocks.clear();
            blocks.add(device.memory(all));
        }
        empty();
    }

    private void empty() {
        block = 0;
        used = 0;
        taken = 0;
        peak = 0;
    }

    /** Bytes held. */
    public long capacity() {
        return blocks.stream().mapToLong(Memory::bytes).sum();
    }

    /** The most bytes that tensors took at one time since the last reset; less than what is held. */
    public long peak() {
        return peak;
    }

    /** Gives the memory back; the arena stays usable. */
    public void close() {
        generation++;
        blocks.forEach(Memory::close);
        blocks.clear();
        empty();
    }

    /** A point to {@link #rewind} to: what is cut after it can be given up early. */
    Mark mark() {
        return new Mark(block, used, taken);
    }

    /** Gives up what was cut since the mark. The caller vouches that nobody holds those tensors. */
    void rewind(Mark mark) {
        block = mark.block;
        used = mark.used;
        taken = mark.taken;
    }

    record Mark(int block, long used, long taken) {}
}
