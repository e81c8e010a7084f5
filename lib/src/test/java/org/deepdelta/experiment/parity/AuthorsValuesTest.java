package org.deepdelta.experiment.parity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.Map;
import org.deepdelta.ops.delta.Delta;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

final class AuthorsValuesTest {

    @Test
    void theRewriteIsTheAuthors() throws IOException {
        Map<String, INDArray> authors = AuthorsValues.delta();
        INDArray x = authors.get("in.x");
        assertEquals(DataType.DOUBLE, x.dataType());
        assertArrayEquals(new long[] {2, 5, 8}, x.shape());
        INDArray beta = Transforms.sigmoid(authors.get("in.beta_logit")).mul(2);
        INDArray next = new Delta(AuthorsValues.DELTA_EPS)
                .reference()
                .forward(x, authors.get("in.k_tilde"), authors.get("in.v"), beta)[0];
        assertEquals(0, next.sub(authors.get("out.x_new")).amaxNumber().doubleValue(), 1e-12);
    }
}
