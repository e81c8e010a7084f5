package org.deepdelta.tensor.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Map;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** The device around the kernels, on the CPU in the GPU's place: memory, launches that must not be, what is missing. */
final class CudaDeviceTest {
    private static final double[] VALUES = {0, -1.5, 3, 1e-3, 65_504, -7.25};

    @Test
    void tensorsComeBackAsTheyWereSet() {
        Device device = HostDevices.forward();
        for (DType type : DType.values()) {
            Tensor tensor = device.allocate(Spec.of(type, Shape.of(2, 3)));
            assertArrayEquals(new double[6], tensor.toDoubles(), "zeros at first");
            double[] exact = {0, -2, 3, 1, 65_536, -7};
            assertArrayEquals(exact, tensor.set(exact).toDoubles(), type.toString());
            assertEquals(3, tensor.toArray().getDouble(0, 2));
            assertArrayEquals(exact, tensor.set(tensor.toArray()).toDoubles(), type + " by arrays");
        }
        Tensor state = device.allocate(new Spec(DType.F32, Shape.of(1, 2, 3), true));
        assertArrayEquals(
                new double[] {1, 2, 3, 4, 5, 6}, state.set(1, 2, 3, 4, 5, 6).toDoubles());
    }

    @Test
    void copiesConvert() {
        Device device = HostDevices.forward();
        Tensor single = device.allocate(Spec.of(DType.F32, Shape.of(6))).set(VALUES);
        Tensor half = device.allocate(Spec.of(DType.BF16, Shape.of(6)));
        device.copy(single, half);
        double[] rounded =
                device.allocate(Spec.of(DType.BF16, Shape.of(6))).set(VALUES).toDoubles();
        assertArrayEquals(rounded, half.toDoubles());
        device.add(half, single);
        double[] sum = single.toDoubles();
        for (int i = 0; i < sum.length; i++) {
            assertEquals((float) VALUES[i] + (float) rounded[i], sum[i], 1e-3);
        }
        device.fill(half, -2);
        assertArrayEquals(new double[] {-2, -2, -2, -2, -2, -2}, half.toDoubles());
    }

    @Test
    void aViewOfAGpusMemoryIsRefused() {
        Tensor tensor = HostDevices.forward().allocate(Spec.of(DType.F32, Shape.of(2)));
        String said =
                assertThrows(UnsupportedOperationException.class, tensor::view).getMessage();
        assertTrue(said.contains("a GPU's") && said.contains("toArray"), said);
    }

    /** Double precision has no kernels: the references run on copies, with equal results. */
    @Test
    void whatHasNoKernelRunsOnCopies() {
        Device device = HostDevices.forward();
        Tape t = Tape.recording(device, device.arena());
        Tensor x =
                t.variable(device.allocate(Spec.of(DType.F64, Shape.of(2, 3))).set(VALUES));
        Tensor y = t.sum(t.multiply(x, x));
        t.backward(y);
        assertEquals(Map.of("multiply reference", 1, "sum reference", 1), t.ran());
        assertArrayEquals(
                Arrays.stream(VALUES).map(v -> 2 * v).toArray(), t.gradient(x).toDoubles(), 1e-9);
    }

    @Test
    void launchesAreCheckedAgainstTheSource() {
        CudaDevice device = CudaDevice.of(HostDevices.forward());
        CudaSource source = CudaSource.beside(CudaDevice.class, "device.cu");
        Tensor half = device.allocate(Spec.of(DType.BF16, Shape.of(2)));
        Tensor elsewhere = HostDevices.reversed().allocate(Spec.of(DType.F32, Shape.of(2)));
        Grid grid = Grid.of(1, 32);
        assertRefused(
                "T* with T F32, got a tensor BF16 [2]",
                () -> source.launch(device, DType.F32, "fill", grid, half, 1f, 2L));
        assertRefused(
                "expected float with T BF16, got Double 1.0",
                () -> source.launch(device, DType.BF16, "fill", grid, half, 1.0, 2L));
        assertRefused("expected 3 arguments", () -> source.launch(device, DType.BF16, "fill", grid, half, 1f));
        assertRefused("no kernel fil,", () -> source.launch(device, DType.BF16, "fil", grid, half, 1f, 2L));
        assertRefused(
                "is not in the memory of", () -> source.launch(device, DType.F32, "fill", grid, elsewhere, 1f, 2L));
        assertRefused("multiple of 32, got 33", () -> Grid.of(1, 33));
    }

    private static void assertRefused(String why, Runnable launch) {
        String said = assertThrows(IllegalArgumentException.class, launch::run).getMessage();
        assertTrue(said.contains(why), said);
    }

    @Test
    void aBarrierThatSomeThreadsSkipIsReported() {
        assertFault("if (threadIdx.x < 40) { return; } __syncthreads();", "__syncthreads");
        assertFault("if (threadIdx.x % 2) { x[0] = T(warp_sum(1)); }", "shuffle");
        assertFault("int broken", "does not compile");
    }

    private static void assertFault(String body, String why) {
        HostDevices.forward();
        HostGpu gpu = new HostGpu(false);
        Gpu.Program program =
                new Gpu.Program("fault.cu", "extern \"C\" __global__ void fault(T *x) { " + body + " }\n", DType.F32);
        long memory = gpu.allocate(64);
        Signature.Arguments arguments = new Signature.Arguments(new long[] {memory}, new int[] {0});
        String said = assertThrows(
                        CudaException.class,
                        () -> gpu.launch(gpu.function(program, "fault"), "fault", Grid.of(1, 64), arguments))
                .getMessage();
        assertTrue(said.contains(why), said);
    }

    @Test
    void whatIsMissingIsNamed() {
        String driver = MissingLibrary.say(new UnsatisfiedLinkError(
                "libjnicudart.so: libcuda.so.1: cannot open shared object file: No such file or directory"));
        assertTrue(driver.contains("no driver") && driver.contains("580"), driver);
        String blas = MissingLibrary.say(
                new UnsatisfiedLinkError("libjnicublas.so: libcublas.so.13: cannot open shared object file"));
        assertTrue(blas.contains("libcublas.so.13") && blas.contains("CUDA 13") && !blas.contains("redist"), blas);
        String compiler = MissingLibrary.say(
                new UnsatisfiedLinkError("libjninvrtc.so: libnvrtc.so.13: cannot open shared object file"));
        assertTrue(compiler.contains("cuda-redist"), compiler);
        String bindings = MissingLibrary.say(new NoClassDefFoundError("org/bytedeco/cuda/cudart/CUfunc_st"));
        assertTrue(bindings.contains("-Pcuda"), bindings);
        String known = assertThrows(IllegalArgumentException.class, () -> Device.named("gpu"))
                .getMessage();
        assertTrue(known.contains("cpu, reference, cuda, cuda-host"), known);
    }

    /** Turing, 7.5, has no bf16: F32 works, bf16 is refused before anything is allocated. */
    @Test
    void bf16OnATuringGpuIsRefused() {
        Gpu gpu = CudaDevice.of(HostDevices.forward()).gpu();
        CudaDevice turing = new CudaDevice((Gpu) Proxy.newProxyInstance(
                Gpu.class.getClassLoader(),
                new Class<?>[] {Gpu.class},
                (proxy, method, arguments) ->
                        method.getName().equals("capability") ? 75 : method.invoke(gpu, arguments)));
        double[] numbers =
                turing.allocate(Spec.of(DType.F32, Shape.of(2))).set(1, 2).toDoubles();
        assertArrayEquals(new double[] {1, 2}, numbers);
        String said = assertThrows(CudaException.class, () -> turing.allocate(Spec.of(DType.BF16, Shape.of(2))))
                .getMessage();
        assertTrue(said.contains("8.0 or newer") && said.contains("use the type F32"), said);
        assertFalse(turing.takes(DType.BF16));
    }
}
