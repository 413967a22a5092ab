import { type HostTensor, type Tensor, fromTensorData, isHostTensor } from "@parsimony/core-tensor";
import { PatchInferError } from "../base/errors.ts";
import type { FeatureMap, Port } from "../network/network.ts";

type Cells = Float32Array | Int8Array;

/**
 * Moves elements between the program's order of an image and memory, where channels stand next to each other.
 * `visit(element, cell)`.
 */
function eachElement({ shape, layout }: Port, visit: (element: number, cell: number) => void): void {
  if (layout === "rowMajor") {
    const size = shape.reduce((all, dim) => all * dim, 1);
    for (let i = 0; i < size; i++) visit(i, i);
    return;
  }
  const [channels, height, width] = shape.slice(-3) as [number, number, number];
  const cells = height * width;
  for (let c = 0; c < channels; c++) {
    for (let cell = 0; cell < cells; cell++) visit(c * cells + cell, cell * channels + c);
  }
}

/** uint8 codes are kept as int8 codes, 128 lower. */
const shiftOf = (port: Port): number => (port.dtype === "uint8" ? 128 : 0);

/**
 * The cells of an input as the network has them: rows of cells with the channels of each next to each other.
 *
 * @throws PatchInferError SHAPE_MISMATCH, DTYPE_MISMATCH
 */
export function packInput(port: Port, map: FeatureMap, tensor: Tensor): Cells {
  const where = `input "${port.name}"`;
  if (!isHostTensor(tensor)) {
    throw new PatchInferError("DTYPE_MISMATCH", `${where}: expected a tensor in this process's memory (await toHost)`);
  }
  if (tensor.dtype !== port.dtype) {
    throw new PatchInferError("DTYPE_MISMATCH", `${where}: expected ${port.dtype}, got ${tensor.dtype}`);
  }
  if (tensor.shape.join() !== port.shape.join()) {
    const message = `${where}: expected the shape [${port.shape.join(", ")}], got [${tensor.shape.join(", ")}]`;
    throw new PatchInferError("SHAPE_MISMATCH", message);
  }
  const elements = tensor.dataSync() as ArrayLike<number>;
  const cells = map.type === "float32" ? new Float32Array(elements.length) : new Int8Array(elements.length);
  const shift = shiftOf(port);
  eachElement(port, (element, cell) => {
    cells[cell] = (elements[element] as number) - shift;
  });
  return cells;
}

/**
 * The cells of an output as a tensor of the program's shape and dtype.
 *
 * @param cells those of the whole map; they are copied.
 */
export function unpackOutput(port: Port, map: FeatureMap, cells: Cells): HostTensor {
  const size = map.height * map.width * map.channels;
  if (cells.length !== size) {
    const message = `output "${port.name}": expected ${size} cells, got ${cells.length}`;
    throw new PatchInferError("SHAPE_MISMATCH", message);
  }
  const arrays = { float32: Float32Array, int8: Int8Array, uint8: Uint8Array } as const;
  const elements = new arrays[port.dtype](size);
  const shift = shiftOf(port);
  eachElement(port, (element, cell) => {
    // Adding 0 would take the sign of a zero.
    elements[element] = shift === 0 ? (cells[cell] as number) : (cells[cell] as number) + shift;
  });
  return fromTensorData(port.dtype, port.shape, elements);
}
