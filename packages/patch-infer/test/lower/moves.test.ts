import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Move, movesBetween } from "../../src/lower/moves.ts";
import { type Atom, reshapePlaced, sizeOfAtoms } from "../../src/lower/placed.ts";

/** For each place in an order of atoms: how far along each atom it is. */
function places(order: readonly Atom[]): Map<Atom, number>[] {
  return Array.from({ length: sizeOfAtoms(order) }, (_, index) => {
    let rest = index;
    const digits = new Map<Atom, number>();
    for (const atom of [...order].reverse()) {
      digits.set(atom, rest % atom.size);
      rest = Math.floor(rest / atom.size);
    }
    return digits;
  });
}

/** Carries a move out on the numbers of cells. */
function carryOut(cells: readonly number[], move: Move): number[] {
  const [height, width, channels] = move.from;
  const at = (y: number, x: number, c: number): number => cells[(y * width + x) * channels + c] as number;
  const [rows, columns, depth] = move.to;
  const result: number[] = [];
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      for (let c = 0; c < depth; c++) result.push(source(move, at, [y, x, c], [height, width, channels]));
    }
  }
  return result;
}

type Three = readonly [number, number, number];

function source(move: Move, at: (...place: Three) => number, [y, x, c]: Three, [, , channels]: Three): number {
  if (move.kind === "transpose") {
    const place = [0, 0, 0];
    move.permutation.forEach((axis, i) => {
      place[axis] = [y, x, c][i] as number;
    });
    return at(...(place as unknown as Three));
  }
  const { block, order, to } = move;
  const squares = block * block;
  if (move.kind === "depthToSpace") {
    const inBlock = (y % block) * block + (x % block);
    const channel = order === "dcr" ? inBlock * to[2] + c : c * squares + inBlock;
    return at(Math.floor(y / block), Math.floor(x / block), channel);
  }
  const [inBlock, channel] =
    order === "dcr" ? [Math.floor(c / channels), c % channels] : [c % squares, Math.floor(c / squares)];
  return at(y * block + Math.floor(inBlock / block), x * block + (inBlock % block), channel);
}

const atomLists = fc
  .array(fc.integer({ min: 2, max: 3 }), { minLength: 0, maxLength: 6 })
  .map((sizes) => sizes.map((size): Atom => ({ size })));

describe("moves", () => {
  test("bring cells from any order of atoms to any other", () => {
    const orders = atomLists.chain((atoms) =>
      fc.tuple(fc.constant(atoms), fc.shuffledSubarray(atoms, { minLength: atoms.length })),
    );
    const check = ([from, to]: [Atom[], Atom[]]): void => {
      const moves = movesBetween(from, to);
      const start = places(from).map((_, i) => i);
      const end = moves.reduce(carryOut, start);
      const byPlace = places(from);
      const wanted = places(to).map((digits) =>
        byPlace.findIndex((other) => from.every((atom) => other.get(atom) === digits.get(atom))),
      );
      expect(end).toEqual(wanted);
      // Three blocks or fewer need one layer.
      if (from.length <= 3) expect(moves.length).toBeLessThanOrEqual(1);
    };
    fc.assert(fc.property(orders, check), { numRuns: 60, seed: 5 });
  });

  test("image blocks need one layer", () => {
    const [h, w, c, b, d] = [4, 5, 3, 2, 2].map((size): Atom => ({ size })) as [Atom, Atom, Atom, Atom, Atom];
    expect(movesBetween([h, w, b, d, c], [h, b, w, d, c])).toMatchObject([
      { kind: "depthToSpace", block: 2, order: "dcr" },
    ]);
    expect(movesBetween([h, w, c, b, d], [h, b, w, d, c])).toMatchObject([
      { kind: "depthToSpace", block: 2, order: "crd" },
    ]);
    expect(movesBetween([h, b, w, d, c], [h, w, b, d, c])).toMatchObject([{ kind: "spaceToDepth", order: "dcr" }]);
    expect(movesBetween([h, w, c], [c, h, w])).toHaveLength(1);
  });
});

describe("reshapes", () => {
  test("split and join axes that are runs of memory", () => {
    const [c, h, w] = [6, 4, 5].map((size): Atom => ({ size })) as [Atom, Atom, Atom];
    const image = { map: "m", axes: [[], [c], [h], [w]], memory: [h, w, c] };
    const apart = reshapePlaced(image, [1, 2, 3, 20]);
    expect(apart?.axes.map((atoms) => atoms.map(({ size }) => size))).toEqual([[], [2], [3], [4, 5]]);
    expect(apart?.memory.map(({ size }) => size)).toEqual([4, 5, 2, 3]);
    // 6 x 4 positions as 8 x 3 ones are no runs.
    expect(reshapePlaced(image, [1, 8, 3, 5])).toBeUndefined();
    expect(reshapePlaced({ ...image, memory: [c, h, w] }, [1, 8, 3, 5])).toBeDefined();
  });
});
