import { type Graph, GraphBuilder, type HostTensor, tensor } from "../../../src/index.ts";

function ramp(shape: readonly number[]): HostTensor {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const values = Float32Array.from({ length: size }, (_, i) => ((i * 7919) % 1009) / 1009 - 0.5);
  return tensor(values, { shape });
}

/** y = (x + middle) large + last, times small: constants of 4 bytes, 2 KiB, 1 MiB and 2 KiB, in this order. */
export function largeWeights(): Graph {
  const builder = new GraphBuilder("large weights");
  const x = builder.input("x", { dtype: "float32", shape: ["batch", 512] });
  const small = builder.constant(ramp([1]), "small");
  const middle = builder.constant(ramp([1, 512]), "middle");
  const large = builder.constant(ramp([512, 512]), "large");
  const last = builder.constant(ramp([512]), "last");
  const [shifted] = builder.add("add", [x, middle], {}) as [string];
  const [product] = builder.add("matmul", [shifted, large], {}) as [string];
  const [sum] = builder.add("add", [product, last], {}) as [string];
  const [y] = builder.add("mul", [sum, small], {}) as [string];
  builder.output("y", y);
  return builder.build();
}
