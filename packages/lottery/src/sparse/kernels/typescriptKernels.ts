import { type Kernels, type Mode, elementFloats } from "./kernels.ts";

/** The kernels in plain TypeScript over a new memory of this many bytes: slower, with the same bits. */
export function typescriptKernels(bytes: number): Kernels {
  const memory = new ArrayBuffer(Math.ceil(bytes / 4) * 4);
  const floats = new Float32Array(memory);
  return {
    engine: "typescript",
    memory,
    run: (layer, mode, x, y) => runPlaces(memory, layer, mode, x / 4, y / 4),
    interleave: (from, to, size, lanes) => {
      for (let lane = 0; lane < lanes; lane++) {
        for (let i = 0; i < size; i++) {
          floats[to / 4 + i * lanes + lane] = floats[from / 4 + lane * size + i] as number;
        }
      }
    },
    separate: (from, to, size, lanes) => {
      for (let lane = 0; lane < lanes; lane++) {
        for (let i = 0; i < size; i++) {
          floats[to / 4 + lane * size + i] = floats[from / 4 + i * lanes + lane] as number;
        }
      }
    },
  };
}

/** x and y count floats. */
function runPlaces(memory: ArrayBuffer, layer: number, mode: Mode, x: number, y: number): void {
  const record = new Uint32Array(memory, layer, 15);
  const [countY, countX, inputStepY, inputStepX, outputStepY, outputStepX] = Array.from(record.subarray(9)) as Six;
  const lanes = elementFloats[mode];
  for (let placeY = 0; placeY < countY; placeY++) {
    for (let placeX = 0; placeX < countX; placeX++) {
      const from = x + (placeY * inputStepY + placeX * inputStepX) * lanes;
      const to = y + (placeY * outputStepY + placeX * outputStepX) * lanes;
      for (let lane = 0; lane < lanes; lane++) runVector(memory, record, lanes, from + lane, to + lane);
    }
  }
}

type Six = [number, number, number, number, number, number];

/** One vector, whose elements are `lanes` floats apart. */
function runVector(memory: ArrayBuffer, record: Uint32Array, lanes: number, x: number, y: number): void {
  const [layout, groups, starts, rows, values, index, bias, activation, outputStride] = Array.from(record) as Nine;
  const floats = new Float32Array(memory);
  const words = new Uint32Array(memory);
  const columns = layout % 2 === 1 ? new Uint16Array(memory, index) : new Uint32Array(memory, index);
  const perStep = layout >= 3 ? 4 : 1;
  for (let slot = 0; slot < 4 * groups; slot++) {
    const group = slot >> 2;
    const begin = words[starts / 4 + group] as number;
    const end = words[starts / 4 + group + 1] as number;
    let sum = 0;
    for (let step = begin; step < end; step++) {
      const at = perStep * step + (perStep === 4 ? slot & 3 : 0);
      const input = layout === 0 ? step - begin : (columns[at] as number) / 4;
      const weight = floats[values / 4 + 4 * step + (slot & 3)] as number;
      // Both roundings are to float32: a product of two floats is exact in a double, and so is the rounding of their sum.
      sum = Math.fround(sum + Math.fround(weight * (floats[x + input * lanes] as number)));
    }
    const biased = Math.fround(sum + (floats[bias / 4 + slot] as number));
    const row = words[rows / 4 + slot] as number;
    floats[y + row * outputStride * lanes] = activation === 1 ? Math.max(biased, 0) : biased;
  }
}

type Nine = [number, number, number, number, number, number, number, number, number];
