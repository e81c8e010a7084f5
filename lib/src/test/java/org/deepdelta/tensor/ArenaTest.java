package org.deepdelta.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class ArenaTest {

    @Test
    void thePeakCountsWhatTensorsTakeAtOneTime() {
        Arena arena = Device.reference().arena();
        Spec large = Spec.of(DType.F64, Shape.of(1 << 18)); // 2 MiB: a block of its own
        arena.allocate(Spec.of(DType.F32, Shape.of(3))); // 12 bytes take 64
        Arena.Mark mark = arena.mark();
        arena.allocate(large);
        arena.rewind(mark);
        assertEquals(64 + (1 << 21), arena.peak());
        arena.allocate(Spec.of(DType.F64, Shape.of(1 << 19)));
        assertEquals(64 + (1 << 22), arena.peak());
        assertTrue(arena.capacity() > arena.peak());
        arena.reset();
        assertEquals(0, arena.peak());
        arena.close();
    }
}
