import fc from "fast-check";

export interface ShapeOptions {
  /** Default 0: scalars too. */
  readonly minRank?: number;
  /** Default 4. */
  readonly maxRank?: number;
  /** Largest dimension. Default 5. */
  readonly maxDim?: number;
  /** Are dimensions of length 0 allowed? Default true; they are rare. */
  readonly empty?: boolean;
  /** Most elements. Default 256. */
  readonly maxSize?: number;
}

/** One dimension: ones and zeros turn up more often than their share, since they are where ops go wrong. */
export function dimensions(options: Pick<ShapeOptions, "maxDim" | "empty"> = {}): fc.Arbitrary<number> {
  const { maxDim = 5, empty = true } = options;
  return fc.oneof(
    { arbitrary: fc.integer({ min: 1, max: maxDim }), weight: 12 },
    { arbitrary: fc.constant(1), weight: 3 },
    { arbitrary: fc.constant(empty ? 0 : 1), weight: 1 },
  );
}

/** Shapes, scalars and shapes without elements included; they shrink to fewer and smaller dimensions. */
export function shapes(options: ShapeOptions = {}): fc.Arbitrary<number[]> {
  const { minRank = 0, maxRank = 4, maxSize = 256 } = options;
  return fc
    .array(dimensions(options), { minLength: minRank, maxLength: maxRank })
    .map((shape) => shrinkTo(shape, maxSize));
}

/** Halves the largest dimensions until the shape has at most `maxSize` elements. */
function shrinkTo(shape: readonly number[], maxSize: number): number[] {
  const dims = [...shape];
  while (dims.reduce((size, dim) => size * dim, 1) > maxSize) {
    const largest = dims.indexOf(Math.max(...dims));
    dims[largest] = Math.ceil((dims[largest] as number) / 2);
  }
  return dims;
}

/** A shape, and `count` shapes that broadcast to it: some of their dimensions are 1, leading ones may be missing. */
export function broadcastingShapes(count: number, options: ShapeOptions = {}): fc.Arbitrary<number[][]> {
  return shapes(options).chain((shape) => {
    const flags = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: shape.length, maxLength: shape.length });
    const operand = fc.tuple(fc.integer({ min: 0, max: 3 }), flags).map(([kind, ones]) => {
      if (kind < 2) return shape;
      const narrowed = shape.map((dim, axis) => (ones[axis] === 3 ? 1 : dim));
      return kind === 2 ? narrowed : narrowed.slice(ones.filter((flag) => flag === 2).length);
    });
    return fc.array(operand, { minLength: count, maxLength: count });
  });
}
