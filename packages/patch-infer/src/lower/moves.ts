import { type Atom, sameAtoms, sizeOfAtoms } from "./placed.ts";

/** How a map is read: height, width, channels. */
export type Dims = readonly [height: number, width: number, channels: number];

/** A layer that moves cells: how it sees its input, and the dimensions of its output. */
export type Move =
  | { readonly kind: "transpose"; readonly from: Dims; readonly to: Dims; readonly permutation: Dims }
  | {
      readonly kind: "depthToSpace" | "spaceToDepth";
      readonly from: Dims;
      readonly to: Dims;
      readonly block: number;
      readonly order: "dcr" | "crd";
    };

type Atoms = readonly Atom[];

function transposeMove(blocks: readonly Atoms[], permutation: Dims): Move {
  const from = [0, 1, 2].map((i) => sizeOfAtoms(blocks[i] ?? [])) as [number, number, number];
  const to = permutation.map((i) => from[i]) as [number, number, number];
  return { kind: "transpose", from, to, permutation };
}

/** Runs of atoms that stand next to each other in both orders. */
function runs(from: Atoms, to: Atoms): Atoms[] {
  const blocks: Atom[][] = [];
  for (const atom of from) {
    const block = blocks.at(-1);
    const last = block?.at(-1);
    if (block !== undefined && last !== undefined && to[to.indexOf(last) + 1] === atom) block.push(atom);
    else blocks.push([atom]);
  }
  return blocks;
}

interface BlockParts {
  readonly rows: Atoms;
  readonly columns: Atoms;
  readonly down: Atom;
  readonly across: Atom;
  readonly depth: Atoms;
}

const orders = {
  dcr: ({ rows, columns, down, across, depth }: BlockParts): Atoms => [...rows, ...columns, down, across, ...depth],
  crd: ({ rows, columns, down, across, depth }: BlockParts): Atoms => [...rows, ...columns, ...depth, down, across],
};

/** Every way to see an order of atoms as an image whose cells come in square blocks. */
function* blockParts(image: Atoms): Generator<BlockParts> {
  for (let i = 0; i < image.length; i++) {
    for (let j = i + 1; j < image.length; j++) {
      const [down, across] = [image[i] as Atom, image[j] as Atom];
      if (down.size !== across.size) continue;
      yield { rows: image.slice(0, i), down, columns: image.slice(i + 1, j), across, depth: image.slice(j + 1) };
    }
  }
}

function blockMove(from: Atoms, to: Atoms): Move | undefined {
  for (const [kind, image, deep] of [
    ["depthToSpace", to, from],
    ["spaceToDepth", from, to],
  ] as const) {
    for (const parts of blockParts(image)) {
      for (const order of ["dcr", "crd"] as const) {
        if (!sameAtoms(orders[order](parts), deep)) continue;
        const block = parts.down.size;
        const [rows, columns, depth] = [parts.rows, parts.columns, parts.depth].map(sizeOfAtoms) as [
          number,
          number,
          number,
        ];
        const wide: Dims = [rows * block, columns * block, depth];
        const narrow: Dims = [rows, columns, depth * block * block];
        return kind === "depthToSpace"
          ? { kind, from: narrow, to: wide, block, order }
          : { kind, from: wide, to: narrow, block, order };
      }
    }
  }
  return undefined;
}

/**
 * Layers that bring cells from one order of atoms in memory into another: one where three blocks change places or an image
 * is cut into square blocks, several otherwise.
 */
export function movesBetween(from: Atoms, to: Atoms): readonly Move[] {
  if (sameAtoms(from, to)) return [];
  const blocks = runs(from, to);
  const place = (block: Atoms): number => to.indexOf(block[0] as Atom);
  const sorted = [...blocks].sort((a, b) => place(a) - place(b));
  if (blocks.length === 2) return [transposeMove([[], ...blocks], [0, 2, 1])];
  if (blocks.length === 3) {
    return [transposeMove(blocks, sorted.map((block) => blocks.indexOf(block)) as unknown as Dims)];
  }
  const move = blockMove(from, to);
  if (move !== undefined) return [move];
  return oneByOne(blocks, sorted);
}

/** Each block in turn goes to the end, but for those that the others come to stand after. */
function oneByOne(blocks: readonly Atoms[], sorted: readonly Atoms[]): Move[] {
  const moves: Move[] = [];
  let now = [...blocks];
  let settled = 0;
  while (settled < sorted.length && now[settled] === sorted[settled]) settled++;
  for (const block of sorted.slice(settled)) {
    const at = now.indexOf(block);
    const before = now.slice(0, at);
    const after = now.slice(at + 1);
    if (after.length > 0) moves.push(transposeMove([before.flat(), block, after.flat()], [0, 2, 1]));
    now = [...before, ...after, block];
  }
  return moves;
}
