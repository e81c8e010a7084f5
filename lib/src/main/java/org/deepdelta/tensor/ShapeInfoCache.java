package org.deepdelta.tensor;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.nd4j.common.config.ND4JClassLoading;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.BaseShapeInfoProvider;

/**
 * ND4J's descriptions of shapes, each made once. ND4J 1.0.0-M2.1 has such a cache, but its arrays no longer ask it: every array that is made
 * describes its shape anew in memory outside the heap, which for operations as small as ours takes a third of the time and feeds the
 * garbage collector with references to free. Public because ND4J makes it, by its name.
 */
public final class ShapeInfoCache extends BaseShapeInfoProvider {
    private static final String PROPERTY = "shapeinfoprovider";
    /** Beyond it nothing is kept that is not already. */
    private static final int MOST = 10_000;

    private final Map<Key, Pair<DataBuffer, long[]>> known = new ConcurrentHashMap<>();

    /** What a description depends on; {@code kind} is the type of the elements, or ND4J's bits for type and emptiness. */
    private record Key(long[] shape, long[] stride, long step, char order, Object kind, boolean empty) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key k
                    && step == k.step
                    && order == k.order
                    && empty == k.empty
                    && kind.equals(k.kind)
                    && Arrays.equals(shape, k.shape)
                    && Arrays.equals(stride, k.stride);
        }

        @Override
        public int hashCode() {
            int hash = 31 * Arrays.hashCode(shape) + Arrays.hashCode(stride);
            return 31 * (31 * hash + kind.hashCode()) + Long.hashCode(step) + order;
        }
    }

    /** Has ND4J take it, if it has not started, was not told to take another, and finds this class. */
    static void install() {
        String name = ShapeInfoCache.class.getName();
        if (System.getProperty(PROPERTY) == null && ND4JClassLoading.classPresentOnClasspath(name)) {
            System.setProperty(PROPERTY, name);
        }
    }

    @Override
    public Pair<DataBuffer, long[]> createShapeInformation(
            long[] shape, long[] stride, long step, char order, DataType type, boolean empty) {
        return known(
                new Key(shape, stride, step, order, type, empty),
                () -> super.createShapeInformation(shape, stride, step, order, type, empty));
    }

    @Override
    public Pair<DataBuffer, long[]> createShapeInformation(
            long[] shape, long[] stride, long step, char order, long extras) {
        return known(
                new Key(shape, stride, step, order, extras, false),
                () -> super.createShapeInformation(shape, stride, step, order, extras));
    }

    private Pair<DataBuffer, long[]> known(Key key, Supplier<Pair<DataBuffer, long[]>> make) {
        Pair<DataBuffer, long[]> info = known.get(key);
        if (info == null) {
            info = make.get();
            if (known.size() < MOST) {
                Key own = new Key(key.shape.clone(), key.stride.clone(), key.step, key.order, key.kind, key.empty);
                known.put(own, info);
            }
        }
        return info;
    }

    @Override
    public void purgeCache() {
        known.clear();
    }
}
