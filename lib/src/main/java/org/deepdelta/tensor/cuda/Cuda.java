package org.deepdelta.tensor.cuda;

import org.deepdelta.tensor.Device;

/** The device {@code cuda}: the first GPU that the driver shows. */
public final class Cuda implements Device.Provider {
    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public Device open() {
        try {
            return new CudaDevice(new DriverGpu());
        } catch (NoClassDefFoundError e) {
            throw new CudaException(MissingLibrary.say(e), e);
        }
    }
}
