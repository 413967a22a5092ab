/**
 * The value at place `k` (from 0) of finite numbers in ascending order, in linear time and without sorting. The array is
 * used as scratch space. Of ±0 the array must hold one only.
 *
 * The bits of a float, with the sign handled, are ordered like whole numbers; counting them by their leading 11 bits
 * says which of 2048 ranges holds place k, and two more counts finish. Unlike quick-select the time does not depend on
 * the order of the numbers or on how many are equal.
 */
export function valueAtRank(values: Float32Array | Float64Array, k: number): number {
  const words = new Int32Array(values.buffer, values.byteOffset, values.byteLength / 4);
  return values instanceof Float32Array ? single(words, k) : double(words, k);
}

function single(words: Int32Array, k: number): number {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as number;
    words[i] = word < 0 ? ~word : word ^ signBit;
  }
  const { word } = wordAtRank(words, k);
  const bits = word < 0 ? word ^ signBit : ~word;
  return new Float32Array(Int32Array.of(bits).buffer)[0] as number;
}

// The high words first; then, among the numbers that share the one at place k, the low words.
function double(words: Int32Array, k: number): number {
  const size = words.length / 2;
  const high = new Int32Array(size);
  for (let i = 0; i < size; i++) {
    const word = words[2 * i + 1] as number;
    high[i] = word < 0 ? ~word : word ^ signBit;
  }
  const leading = wordAtRank(high, k);
  const negative = leading.word >= 0;
  const low = new Int32Array(leading.equal);
  let count = 0;
  for (let i = 0; i < size; i++) {
    if (high[i] !== leading.word) continue;
    const word = words[2 * i] as number;
    low[count++] = negative ? ~word : word;
  }
  const trailing = wordAtRank(low, k - leading.below);
  const bits = negative ? [~trailing.word, ~leading.word] : [trailing.word, leading.word ^ signBit];
  return new Float64Array(Int32Array.from(bits).buffer)[0] as number;
}

const signBit = 0x80000000 | 0;

/** Shift and width of the digits by which words are counted. */
const digits = [
  [21, 11],
  [10, 11],
  [0, 10],
] as const;

/** The word at place k of words in ascending unsigned order; how many are smaller, and how many equal. */
function wordAtRank(words: Int32Array, k: number): { word: number; below: number; equal: number } {
  let word = 0;
  let known = 0;
  let rank = k;
  let equal = 0;
  for (const [shift, width] of digits) {
    const ones = (1 << width) - 1;
    const counts = new Int32Array(1 << width);
    for (let i = 0; i < words.length; i++) {
      const each = words[i] as number;
      if ((each & known) === word) (counts[(each >>> shift) & ones] as number)++;
    }
    let digit = 0;
    while (rank >= (counts[digit] as number)) rank -= counts[digit++] as number;
    word |= digit << shift;
    known |= ones << shift;
    equal = counts[digit] as number;
  }
  return { word, below: k - rank, equal };
}
