package org.deepdelta.tensor.cuda;

import java.nio.ByteBuffer;
import org.deepdelta.tensor.Memory;

/** A block of a GPU's memory. */
final class CudaMemory extends Memory {
    private final Gpu gpu;
    private final long bytes;
    private long address;

    CudaMemory(Gpu gpu, long bytes) {
        this.gpu = gpu;
        this.bytes = bytes;
        this.address = gpu.allocate(bytes);
    }

    Gpu gpu() {
        return gpu;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public long address() {
        if (address == 0) {
            throw new IllegalStateException("this memory was closed");
        }
        return address;
    }

    @Override
    protected void put(long offset, ByteBuffer from) {
        gpu.put(address() + offset, from);
    }

    @Override
    protected void get(long offset, ByteBuffer to) {
        gpu.get(address() + offset, to);
    }

    @Override
    protected String place() {
        return "a GPU's";
    }

    @Override
    public void close() {
        if (address != 0) {
            gpu.free(address);
            address = 0;
        }
    }
}
