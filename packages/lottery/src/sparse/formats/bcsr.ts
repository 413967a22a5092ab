import { checkRows } from "./csr.ts";
import type { SparseFormat } from "./format.ts";
import { type IndexArray, bitsOf, checkSides, countOnes, indexArray, keptEntries, sparseFault } from "./parts.ts";

/**
 * Block compressed sparse rows: the matrix is cut into aligned blocks, and every block with a kept entry is stored whole, +0
 * where nothing is kept. Blocks at the right and lower edge may reach beyond the matrix; there they hold +0 too.
 */
export interface BcsrMatrix {
  readonly format: "bcsr";
  readonly rows: number;
  readonly columns: number;
  /** Rows and columns of a block. */
  readonly blockShape: readonly [rows: number, columns: number];
  /** Block after block, each row by row. */
  readonly values: Float32Array;
  /** One per stored block: which column of blocks it is in, rising within a row of blocks. */
  readonly columnIndex: IndexArray;
  /** Of length ceil(rows / block rows) + 1, from 0 to the number of stored blocks. */
  readonly rowPointers: Uint32Array;
}

export interface BcsrOptions {
  /** Rows and columns of a block. Default [4, 4]. */
  readonly blockShape?: readonly [rows: number, columns: number];
  /** One byte per entry, 1 for kept. Default: everything but +0 is kept. */
  readonly mask?: Uint8Array;
}

/**
 * The blocked CSR form of a row-major matrix. Tall blocks (16 x 1) suit kernels that compute several outputs at once, wide
 * ones (1 x 4) those that read neighbouring inputs.
 *
 * @throws LotteryError E_SPARSE when the lengths do not fit rows x columns, or a side of a block is not a whole number in
 *   [1, 256].
 */
export function bcsrFromDense(
  data: Float32Array,
  rows: number,
  columns: number,
  options: BcsrOptions = {},
): BcsrMatrix {
  const { blockShape = [4, 4], mask } = options;
  checkBlockShape("bcsrFromDense", blockShape);
  const kept = keptEntries("bcsrFromDense", data, [rows, columns], mask);
  const [height, width] = blockShape;
  const [down, across] = [Math.ceil(rows / height), Math.ceil(columns / width)];
  // Where each block with a kept entry will stand.
  const used = new Uint8Array(down * across);
  for (let row = 0; row < rows; row++) {
    const first = Math.floor(row / height) * across;
    for (let column = 0, i = row * columns; column < columns; column++, i++) {
      if (kept[i] === 1) used[first + Math.floor(column / width)] = 1;
    }
  }
  const blocks = countOnes(used);
  const values = new Float32Array(blocks * height * width);
  const columnIndex = indexArray(across, blocks);
  const rowPointers = new Uint32Array(down + 1);
  const matrix: BcsrMatrix = { format: "bcsr", rows, columns, blockShape, values, columnIndex, rowPointers };
  let next = 0;
  for (let i = 0; i < down; i++) {
    for (let j = 0; j < across; j++) if (used[i * across + j] === 1) columnIndex[next++] = j;
    rowPointers[i + 1] = next;
  }
  const [from, to] = [bitsOf(data), bitsOf(values)];
  forEachEntry(matrix, (inBlocks, inDense) => {
    if (kept[inDense] === 1) to[inBlocks] = from[inDense] as number;
  });
  return matrix;
}

/** The row-major matrix, +0 where nothing is stored. Expects a matrix that `checkBcsr` accepts. */
export function bcsrToDense(matrix: BcsrMatrix): Float32Array {
  const dense = new Float32Array(matrix.rows * matrix.columns);
  const [from, to] = [bitsOf(matrix.values), bitsOf(dense)];
  forEachEntry(matrix, (inBlocks, inDense) => {
    to[inDense] = from[inBlocks] as number;
  });
  return dense;
}

/**
 * Checks a matrix that came from elsewhere: rows of blocks as in CSR, whole blocks, and +0 wherever a block reaches beyond the
 * matrix (a kernel may read there).
 *
 * @throws LotteryError E_SPARSE, with the position in the part that the message names.
 */
export function checkBcsr(where: string, matrix: BcsrMatrix, tensor?: string): void {
  const { rows, columns, blockShape, values, columnIndex, rowPointers } = matrix;
  checkSides(where, rows, columns, tensor);
  checkBlockShape(where, blockShape, tensor);
  const [height, width] = blockShape;
  const sides = { rows: Math.ceil(rows / height), columns: Math.ceil(columns / width) };
  checkRows(where, { ...sides, columnIndex, rowPointers }, tensor);
  const expected = columnIndex.length * height * width;
  if (values.length !== expected) {
    const message = `expected ${expected} values for ${columnIndex.length} blocks of ${height} x ${width}`;
    sparseFault(where, `${message}, got ${values.length}`, tensor);
  }
  const bits = bitsOf(values);
  for (let i = 0; i < sides.rows; i++) {
    for (let block = rowPointers[i] as number; block < (rowPointers[i + 1] as number); block++) {
      const bottom = Math.min(height, rows - i * height);
      const right = Math.min(width, columns - (columnIndex[block] as number) * width);
      if (bottom === height && right === width) continue;
      for (let at = 0; at < height * width; at++) {
        const outside = Math.floor(at / width) >= bottom || at % width >= right;
        const index = block * height * width + at;
        if (!outside || bits[index] === 0) continue;
        sparseFault(where, `value ${index} is beyond the edge of the matrix and not +0`, tensor, index);
      }
    }
  }
}

/** Visits the stored entries inside of the matrix: where each stands among the blocks, and where in the dense matrix. */
function forEachEntry(matrix: BcsrMatrix, visit: (inBlocks: number, inDense: number) => void): void {
  const { rows, columns, blockShape, columnIndex, rowPointers } = matrix;
  const [height, width] = blockShape;
  for (let i = 0; i * height < rows; i++) {
    const bottom = Math.min(height, rows - i * height);
    for (let block = rowPointers[i] as number; block < (rowPointers[i + 1] as number); block++) {
      const left = (columnIndex[block] as number) * width;
      const right = Math.min(width, columns - left);
      for (let y = 0; y < bottom; y++) {
        const inBlocks = (block * height + y) * width;
        const inDense = (i * height + y) * columns + left;
        for (let x = 0; x < right; x++) visit(inBlocks + x, inDense + x);
      }
    }
  }
}

function checkBlockShape(where: string, shape: unknown, tensor?: string): void {
  const isSide = (side: unknown): boolean => Number.isInteger(side) && Number(side) >= 1 && Number(side) <= 256;
  if (Array.isArray(shape) && shape.length === 2 && shape.every(isSide)) return;
  sparseFault(where, `expected a blockShape of two whole numbers in [1, 256], got ${JSON.stringify(shape)}`, tensor);
}

type BcsrArrays = {
  readonly values: Float32Array;
  readonly indices: IndexArray;
  readonly indptr: Uint32Array;
};

export const bcsrFormat: SparseFormat<BcsrMatrix, BcsrArrays> = {
  arrayTypes: { values: ["float32"], indices: ["uint16", "uint32"], indptr: ["uint32"] },
  arrays: ({ values, columnIndex, rowPointers }) => ({ values, indices: columnIndex, indptr: rowPointers }),
  parameters: ({ blockShape }) => ({ blockShape }),
  fromParts: ({ rows, columns }, { values, indices, indptr }, { blockShape }) => {
    const shape = blockShape as BcsrMatrix["blockShape"];
    return { format: "bcsr", rows, columns, blockShape: shape, values, columnIndex: indices, rowPointers: indptr };
  },
  toDense: bcsrToDense,
  check: checkBcsr,
};
