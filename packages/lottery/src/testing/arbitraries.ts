import fc from "fast-check";
import { type HostTensor, tensor } from "@parsimony/core-tensor";
import { type Named, sortedNames } from "../base/parameters.ts";
import { bits, type Mask, onesMask } from "../mask/mask.ts";
import type { Scores } from "../mask/scores.ts";

/** Sizes and type of parameters that are drawn. */
export interface ParametersOptions {
  /** Most layers, each with a matrix `layer<i>.weight` and a `layer<i>.bias`. Default 3. */
  readonly maxLayers?: number;
  /** Most rows and columns of a matrix. Default 12. */
  readonly maxDim?: number;
  /** Default "float32". */
  readonly dtype?: "float32" | "float64";
}

/**
 * fast-check arbitrary of weights on which rankings go wrong: multiples of 1/4, so that ties turn up often, zeros of both signs
 * and subnormals among ordinary float32 numbers in [-4, 4].
 */
export function weights(): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 5, arbitrary: fc.float({ min: -4, max: 4, noNaN: true }) },
    { weight: 3, arbitrary: fc.integer({ min: -8, max: 8 }).map((quarters) => quarters / 4) },
    { weight: 1, arbitrary: fc.constantFrom(0, -0, 2 ** -149, -(2 ** -149), 2 ** -130) },
  );
}

/** fast-check arbitrary of parameters of a net of dense layers, flat by path; in some tensors all weights are equal. */
export function parameters(options: ParametersOptions = {}): fc.Arbitrary<Named> {
  const { maxLayers = 3, maxDim = 12, dtype = "float32" } = options;
  const dim = fc.integer({ min: 1, max: maxDim });
  const values = (size: number): fc.Arbitrary<number[]> => {
    const any = fc.array(weights(), { minLength: size, maxLength: size });
    const equal = weights().map((weight) => new Array<number>(size).fill(weight));
    return fc.oneof({ weight: 9, arbitrary: any }, { weight: 1, arbitrary: equal });
  };
  const filled = (shape: readonly number[]): fc.Arbitrary<HostTensor> =>
    values(shape.reduce((product, each) => product * each, 1)).map((list) => tensor(list, { shape, dtype }));
  const layer = fc
    .tuple(dim, dim)
    .chain(([rows, columns]) => fc.record({ weight: filled([rows, columns]), bias: filled([columns]) }));
  return fc
    .array(layer, { minLength: 1, maxLength: maxLayers })
    .map((layers) =>
      Object.fromEntries(
        layers.flatMap(({ weight, bias }, i) => [
          [`layer${i}.weight`, weight] as const,
          [`layer${i}.bias`, bias] as const,
        ]),
      ),
    );
}

/** fast-check arbitrary of masks of parameters, from empty to full. */
export function masks(params: Named): fc.Arbitrary<Mask> {
  const full = onesMask(params);
  const some = fc.constantFrom(0, 2, 5, 8, 10).chain((tenths) => {
    const one = ({ size, shape }: HostTensor): fc.Arbitrary<HostTensor> =>
      fc.array(fc.nat(9), { minLength: size, maxLength: size }).map((draws) =>
        bits(
          Uint8Array.from(draws, (draw) => (draw < tenths ? 1 : 0)),
          shape,
        ),
      );
    return fc.record(Object.fromEntries(sortedNames(full).map((name) => [name, one(full[name] as HostTensor)])));
  });
  return fc.oneof({ weight: 1, arbitrary: fc.constant(full) }, { weight: 2, arbitrary: some });
}

/** fast-check arbitrary of scores for every tensor of a mask, with ties, in float32 or float64. */
export function scores(mask: Mask): fc.Arbitrary<Scores> {
  const one = ({ size, shape }: HostTensor): fc.Arbitrary<HostTensor> =>
    fc
      .tuple(
        fc.array(weights(), { minLength: size, maxLength: size }),
        fc.constantFrom("float32" as const, "float64" as const),
      )
      .map(([list, dtype]) => tensor(list, { shape, dtype }));
  return fc.record(Object.fromEntries(sortedNames(mask).map((name) => [name, one(mask[name] as HostTensor)])));
}
