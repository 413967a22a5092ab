import fc from "fast-check";
import type { SparseCandidate } from "../sparse/formats/choose.ts";
import { checkSparse, sparseBytes, sparseToDense } from "../sparse/formats/table.ts";

/** A row-major matrix, and which of its entries are kept. */
export interface MaskedMatrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
  /** One byte per entry; missing where everything but +0 counts as kept. */
  readonly mask: Uint8Array | undefined;
}

/**
 * Matrices of 0 to 12 rows and 0 to 20 columns, from empty to full, with zeros of both signs, subnormals, NaN and infinities;
 * some with a mask that keeps zeros and drops others.
 */
export function maskedMatrices(): fc.Arbitrary<MaskedMatrix> {
  const sides = fc.record({ rows: fc.nat(12), columns: fc.nat(20), density: fc.constantFrom(0, 0.05, 0.3, 0.7, 1) });
  return sides.chain(({ rows, columns, density }) => {
    const size = rows * columns;
    const value = fc.oneof(
      { weight: 4, arbitrary: fc.float({ noNaN: true }) },
      { weight: 1, arbitrary: fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 2 ** -149) },
    );
    const list = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { minLength: size, maxLength: size });
    const kept = list(fc.nat(999)).map((draws) => Uint8Array.from(draws, (draw) => (draw < 1000 * density ? 1 : 0)));
    return fc.record({ values: list(value), kept, masked: fc.boolean() }).map(({ values, kept, masked }) => ({
      data: Float32Array.from(values, (each, i) => (masked || kept[i] === 1 ? each : 0)),
      rows,
      columns,
      mask: masked ? kept : undefined,
    }));
  });
}

/**
 * Throws unless a way to store matrices keeps what every format promises: kept entries come back bit by bit and others as +0,
 * the result passes its own check, and the same input gives the same bytes. For a format of your own.
 */
export function sparseFormatLaw(candidate: SparseCandidate, { data, rows, columns, mask }: MaskedMatrix): void {
  const before = [...bitsOf(data)].join();
  const matrix = candidate(data, rows, columns, mask);
  if (matrix === undefined) return;
  if ([...bitsOf(data)].join() !== before) throw new Error("sparseFormatLaw: the input was changed");
  if (matrix.rows !== rows || matrix.columns !== columns) throw new Error("sparseFormatLaw: the sides changed");
  checkSparse("sparseFormatLaw", matrix);
  const [given, back] = [bitsOf(data), bitsOf(sparseToDense(matrix))];
  if (back.length !== given.length) throw new Error("sparseFormatLaw: another number of entries came back");
  for (let i = 0; i < given.length; i++) {
    const expected = mask === undefined || mask[i] === 1 ? given[i] : 0;
    if (back[i] !== expected)
      throw new Error(`sparseFormatLaw: entry ${i} came back as ${back[i]} and not ${expected}`);
  }
  const again = candidate(data, rows, columns, mask);
  if (again === undefined || sparseBytes(again) !== sparseBytes(matrix)) {
    throw new Error("sparseFormatLaw: the same matrix took other bytes");
  }
}

function bitsOf({ buffer, byteOffset, length }: Float32Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length);
}
