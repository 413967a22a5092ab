/** Weights [groups, outputs, taps]. */
export interface WeightMatrix {
  readonly groups: number;
  /** Of each group. */
  readonly outputs: number;
  /** Of each output: kernel rows x kernel columns x input channels of the group. */
  readonly taps: number;
}

/**
 * Per group blocks of 8 outputs, [taps][8]; a last block of at most 4 has 4 columns. Columns without an output are 0.
 */
export function packedWeights(weights: Float32Array, { groups, outputs, taps }: WeightMatrix): Float32Array {
  const padded = paddedOutputs(outputs);
  const packed = new Float32Array(groups * padded * taps);
  for (let group = 0; group < groups; group++) {
    for (let output = 0; output < outputs; output++) {
      const block = output & ~7;
      const columns = padded - block >= 8 ? 8 : 4;
      const to = (group * padded + block) * taps + (output - block);
      const from = (group * outputs + output) * taps;
      for (let tap = 0; tap < taps; tap++) packed[to + tap * columns] = weights[from + tap] as number;
    }
  }
  return packed;
}

/** One number per column of the blocks. */
export function packedBias(bias: Float32Array, { groups, outputs }: WeightMatrix): Float32Array {
  const padded = paddedOutputs(outputs);
  const packed = new Float32Array(groups * padded);
  for (let group = 0; group < groups; group++) {
    packed.set(bias.subarray(group * outputs, (group + 1) * outputs), group * padded);
  }
  return packed;
}

function paddedOutputs(outputs: number): number {
  return Math.ceil(outputs / 4) * 4;
}

/** Rows of `channels` numbers, each filled up with 0 to a multiple of 4. */
export function filledUp(values: Float32Array, channels: number): Float32Array {
  const step = Math.ceil(channels / 4) * 4;
  const rows = values.length / channels;
  const filled = new Float32Array(rows * step);
  for (let row = 0; row < rows; row++) filled.set(values.subarray(row * channels, (row + 1) * channels), row * step);
  return filled;
}
