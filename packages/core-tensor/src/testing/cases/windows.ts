import fc from "fast-check";
import type { WindowGeometry } from "../../ops/linalg/window.ts";
import type { Pads2d, Pair } from "../../ops/vocabulary.ts";

/** `[height, width]` within bounds. */
export function pairOf(min: number, max: number): fc.Arbitrary<Pair> {
  return fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
}

/** Mostly ones, now and then 2 or 3. */
const mostlyOne: fc.Arbitrary<Pair> = fc.oneof(
  { arbitrary: fc.constant<Pair>([1, 1]), weight: 2 },
  { arbitrary: pairOf(1, 3), weight: 1 },
);
const pads: fc.Arbitrary<Pads2d> = fc.oneof(
  fc.constant<Pads2d>([0, 0, 0, 0]),
  fc.tuple(
    fc.integer({ min: 0, max: 2 }),
    fc.integer({ min: 0, max: 2 }),
    fc.integer({ min: 0, max: 2 }),
    fc.integer({ min: 0, max: 2 }),
  ),
);

/** How a window moves: kernels of 1 to 3, strides, dilations, pads that differ from side to side. */
export function windows(): fc.Arbitrary<WindowGeometry> {
  return fc.record({ kernel: pairOf(1, 3), strides: mostlyOne, dilations: mostlyOne, pads });
}

/** Shapes of small images, [batch, channels, height, width]; now and then an empty batch. */
export function images({ maxChannels }: { readonly maxChannels: number }): fc.Arbitrary<number[]> {
  return fc
    .tuple(
      fc.oneof({ arbitrary: fc.integer({ min: 1, max: 2 }), weight: 9 }, { arbitrary: fc.constant(0), weight: 1 }),
      fc.integer({ min: 1, max: maxChannels }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 6 }),
    )
    .map((shape) => [...shape]);
}
