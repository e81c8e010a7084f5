package org.deepdelta.tensor.cuda;

import java.nio.ByteBuffer;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Page-locked memory that transfers to and from the GPU go through. It is filled from one end to the other, so that copies in need not be
 * waited for until it is full.
 */
final class Pinned {
    private static final long BYTES = 32 << 20;
    private static final long ALIGN = 64;

    private final CUstream_st stream;
    private final Area area = new Area();
    private final ByteBuffer bytes;
    private long used;

    Pinned(CUstream_st stream) {
        this.stream = stream;
        Driver.check(cudart.cuMemHostAlloc(area, BYTES, 0), "cuMemHostAlloc");
        bytes = area.asBytes(BYTES);
    }

    /** Copies in; the source may be changed at once, the GPU's memory follows in the order of the stream. */
    void put(long address, ByteBuffer from) {
        while (from.hasRemaining()) {
            int count = (int) Math.min(BYTES, from.remaining());
            long at = reserve(count);
            bytes.put((int) at, from, from.position(), count);
            from.position(from.position() + count);
            Driver.check(cudart.cuMemcpyHtoDAsync(address, area.at(at), count, stream), "cuMemcpyHtoDAsync");
            address += count;
        }
    }

    /** Copies out, once everything before is done. */
    void get(long address, ByteBuffer to) {
        while (to.hasRemaining()) {
            int count = (int) Math.min(BYTES, to.remaining());
            long at = reserve(count);
            Driver.check(cudart.cuMemcpyDtoHAsync(area.at(at), address, count, stream), "cuMemcpyDtoHAsync");
            synchronize();
            to.put(bytes.slice((int) at, count));
            address += count;
        }
    }

    private void synchronize() {
        Driver.check(cudart.cuStreamSynchronize(stream), "cuStreamSynchronize");
        used = 0;
    }

    private long reserve(long count) {
        if (used + count > BYTES) {
            synchronize();
        }
        long at = used;
        used += (count + ALIGN - 1) / ALIGN * ALIGN;
        return at;
    }

    /** The memory, which lives as long as the process. */
    private static final class Area extends BytePointer {
        Area() {
            super((Pointer) null);
        }

        ByteBuffer asBytes(long count) {
            return new Place(address, count).asByteBuffer();
        }

        Place at(long offset) {
            return new Place(address + offset, 0);
        }
    }

    private static final class Place extends BytePointer {
        Place(long address, long count) {
            super((Pointer) null);
            this.address = address;
            this.limit = count;
            this.capacity = count;
        }
    }
}
