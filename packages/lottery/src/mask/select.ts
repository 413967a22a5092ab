/** A number's place among others. */
export interface AtRank {
  readonly value: number;
  /** How many of the numbers are smaller. */
  readonly below: number;
}

/**
 * The value at place `k` (from 0) of finite numbers in ascending order, in linear time and without sorting; ±0 are equal.
 * The array is used as scratch space.
 *
 * The bits of a float, with the sign handled, are ordered like whole numbers; counting them by their leading 11 bits
 * says which of 2048 ranges holds place k, and two more counts finish. Unlike quick-select the time does not depend on
 * the order of the numbers or on how many are equal.
 */
export function valueAtRank(values: Float32Array | Float64Array, k: number): AtRank {
  const words = new Int32Array(values.buffer, values.byteOffset, values.byteLength / 4);
  return values instanceof Float32Array ? single(words, k) : double(words, k);
}

const signBit = 0x80000000 | 0;

function single(words: Int32Array, k: number): AtRank {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as number;
    words[i] = word >= 0 || word === signBit ? word | signBit : ~word;
  }
  const { word, below } = wordAtRank(words, k);
  const bits = word < 0 ? word ^ signBit : ~word;
  return { value: new Float32Array(Int32Array.of(bits).buffer)[0] as number, below };
}

// The high words first; then, among the numbers that share the one at place k, the low words.
function double(words: Int32Array, k: number): AtRank {
  const size = words.length / 2;
  const high = new Int32Array(size);
  for (let i = 0; i < size; i++) {
    const word = words[2 * i + 1] as number;
    const positive = word >= 0 || (word === signBit && words[2 * i] === 0);
    high[i] = positive ? word | signBit : ~word;
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
  const value = new Float64Array(Int32Array.from(bits).buffer)[0] as number;
  return { value, below: leading.below + trailing.below };
}

/** Shift and width of the digits by which words are counted. */
const digits = [
  [21, 11],
  [10, 11],
  [0, 10],
] as const;

/** The word at place k of words in ascending unsigned order; how many are smaller, and how many equal. */
function wordAtRank(words: Int32Array, k: number): { word: number; below: number; equal: number } {
  let candidates = words;
  let word = 0;
  let rank = k;
  for (const [shift, width] of digits) {
    const ones = (1 << width) - 1;
    const counts = new Int32Array(1 << width);
    for (let i = 0; i < candidates.length; i++) {
      (counts[((candidates[i] as number) >>> shift) & ones] as number)++;
    }
    let digit = 0;
    while (rank >= (counts[digit] as number)) rank -= counts[digit++] as number;
    candidates = withDigit(candidates, shift, ones, digit, counts[digit] as number);
    word |= digit << shift;
  }
  return { word, below: k - rank, equal: candidates.length };
}

// Written without a branch that depends on the data: the place is overwritten until something stays there.
function withDigit(words: Int32Array, shift: number, ones: number, digit: number, count: number): Int32Array {
  const found = new Int32Array(count + 1);
  let at = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as number;
    found[at] = word;
    at += ((word >>> shift) & ones) === digit ? 1 : 0;
  }
  return found.subarray(0, count);
}
