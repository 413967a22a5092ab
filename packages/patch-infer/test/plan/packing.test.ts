import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Rectangle, gapFor, lowerBound, pack } from "../../src/plan/packing.ts";

const rectangle = (first: number, last: number, bytes: number, over?: number): Rectangle => ({
  first,
  last,
  bytes,
  over,
});

/** Pairs that are alive together and share bytes, those of a chain left out. */
function clashes(rectangles: readonly Rectangle[], offsets: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  rectangles.forEach((a, i) => {
    rectangles.forEach((b, j) => {
      if (i >= j || a.first > b.last || b.first > a.last || a.over === j || b.over === i) return;
      const [x, y] = [offsets[i] as number, offsets[j] as number];
      if (x < y + b.bytes && y < x + a.bytes) found.push([i, j]);
    });
  });
  return found;
}

describe("lower bound", () => {
  test("the most bytes alive at once", () => {
    expect(lowerBound([])).toBe(0);
    expect(lowerBound([rectangle(0, 1, 5), rectangle(1, 2, 7), rectangle(2, 3, 6)])).toBe(13);
  });

  test("what takes over counts from the next moment on", () => {
    expect(lowerBound([rectangle(0, 1, 10), rectangle(1, 3, 4, 0)])).toBe(10);
    expect(lowerBound([rectangle(0, 1, 10), rectangle(1, 3, 4, 0), rectangle(2, 3, 7)])).toBe(11);
    expect(lowerBound([rectangle(0, 1, 10), rectangle(1, 1, 4, 0)])).toBe(10);
  });
});

describe("packing", () => {
  test("nothing", () => {
    expect(pack([], 4)).toEqual({ offsets: [], bytes: 0 });
  });

  test("one after the other in the same place, both at once side by side", () => {
    expect(pack([rectangle(0, 0, 8), rectangle(1, 1, 8)], 1)).toEqual({ offsets: [0, 0], bytes: 8 });
    expect(pack([rectangle(0, 1, 8), rectangle(1, 1, 4)], 1)).toEqual({ offsets: [0, 8], bytes: 12 });
  });

  test("offsets are multiples of the alignment", () => {
    expect(pack([rectangle(0, 0, 5), rectangle(0, 0, 5)], 4)).toEqual({ offsets: [0, 8], bytes: 13 });
    // The one that fills less of its last step goes below.
    expect(pack([rectangle(0, 0, 5), rectangle(0, 0, 3)], 4)).toEqual({ offsets: [4, 0], bytes: 9 });
  });

  test("a chain keeps its offset, and gives back what its later members do not need", () => {
    const chain = [rectangle(0, 1, 10), rectangle(1, 3, 4, 0), rectangle(2, 3, 6)];
    const { offsets, bytes } = pack(chain, 1);
    expect(bytes).toBe(10);
    expect(offsets[0]).toBe(offsets[1]);
    expect(clashes(chain, offsets)).toEqual([]);
  });

  test("where every order of first fit is above the bound, the exhaustive search is not", () => {
    // Found by looking for such a case among random ones.
    const sides = [
      [0, 0, 8],
      [2, 2, 6],
      [3, 5, 3],
      [1, 4, 5],
      [5, 8, 8],
      [0, 1, 5],
    ] as const;
    const hard = sides.map(([first, last, bytes]) => rectangle(first, last, bytes));
    expect(pack(hard, 1).bytes).toBe(13);
    expect(lowerBound(hard)).toBe(13);
    // More rectangles than it takes on, though these are never in the way of the others.
    const more = Array.from({ length: 15 }, (_, i) => rectangle(100 + i, 100 + i, 1));
    expect(pack([...hard, ...more], 1).bytes).toBe(16);
  });

  test("few rectangles: as low as the best of all orders", () => {
    fc.assert(
      fc.property(rectangles(5), (list) => {
        const best = Math.min(...orders(list.length).map((order) => stacked(list, order)));
        expect(pack(list, 1).bytes).toBe(best);
      }),
      { seed: 6, numRuns: 60 },
    );
  });

  test("many rectangles: no clash, never below the bound", () => {
    fc.assert(
      fc.property(rectangles(30), fc.constantFrom(1, 4, 16), (list, align) => {
        const { offsets, bytes } = pack(list, align);
        expect(clashes(list, offsets)).toEqual([]);
        expect(offsets.every((offset) => offset % align === 0)).toBe(true);
        expect(bytes).toBe(Math.max(0, ...list.map((each, i) => (offsets[i] as number) + each.bytes)));
        expect(bytes).toBeGreaterThanOrEqual(lowerBound(list));
      }),
      { seed: 7, numRuns: 50 },
    );
  });
});

test("gaps", () => {
  const placed = [
    { first: 0, last: 5, offset: 0, bytes: 4 },
    { first: 2, last: 3, offset: 8, bytes: 4 },
    { first: 9, last: 9, offset: 4, bytes: 4 },
  ];
  const at = (moment: number, bytes: number, limit = 100): number | undefined =>
    gapFor({ first: moment, last: moment, bytes }, placed, 4, limit);
  expect(at(2, 4)).toBe(4);
  expect(at(2, 5)).toBe(12);
  expect(at(2, 5, 16)).toBeUndefined();
  expect(at(9, 4)).toBe(0);
  expect(at(9, 5)).toBe(8);
  expect(at(7, 100)).toBe(0);
});

function rectangles(most: number): fc.Arbitrary<Rectangle[]> {
  const one = fc.tuple(fc.nat(8), fc.nat(4), fc.integer({ min: 1, max: 20 }));
  return fc
    .array(one, { maxLength: most })
    .map((list) => list.map(([first, length, bytes]) => rectangle(first, first + length, bytes)));
}

function orders(count: number): number[][] {
  if (count === 0) return [[]];
  return orders(count - 1).flatMap((rest) =>
    Array.from({ length: count }, (_, at) => rest.toSpliced(at, 0, count - 1)),
  );
}

/** Each on top of all before it that it meets. */
function stacked(list: readonly Rectangle[], order: readonly number[]): number {
  const offsets = new Map<number, number>();
  let highest = 0;
  for (const i of order) {
    const own = list[i] as Rectangle;
    let offset = 0;
    for (const [j, below] of offsets) {
      const other = list[j] as Rectangle;
      if (own.first <= other.last && other.first <= own.last) offset = Math.max(offset, below + other.bytes);
    }
    offsets.set(i, offset);
    highest = Math.max(highest, offset + own.bytes);
  }
  return highest;
}

test("a thousand rectangles that are alive together take a moment", () => {
  const rectangles = Array.from({ length: 1000 }, (_, i) => ({ first: 0, last: 1 + (i % 3), bytes: 4 + (i % 7) }));
  const { bytes } = pack(rectangles, 1);
  expect(bytes).toBe(lowerBound(rectangles));
});
