import fc from "fast-check";
import { type DType, dtypeNames, dtypes } from "../../src/tensor/dtype.ts";
import type { HostTensor } from "../../src/tensor/host.ts";
import { relaidOut, shapes, tensorOf } from "../../src/testing/index.ts";

const storable: readonly DType[] = dtypeNames.filter((dtype) => !dtypes[dtype].packed);

/** Tensors of every dtype that a file can hold, dense or seen through other strides. */
export const anyStored: fc.Arbitrary<HostTensor> = fc
  .tuple(fc.constantFrom(...storable), shapes())
  .chain(([dtype, shape]) => tensorOf(dtype, shape))
  .chain((value) =>
    fc.constantFrom(
      value,
      ...(["reversed", "spaced", "columnMajor"] as const).map((layout) => relaidOut(value, layout)),
    ),
  );
