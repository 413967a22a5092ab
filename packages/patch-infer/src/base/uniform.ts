/**
 * Numbers in [0, 1) that depend on the seed alone: a 32-bit counter through the finaliser of MurmurHash3. For test data, not for
 * statistics.
 */
export function uniformFrom(seed: number): () => number {
  let counter = Math.imul(seed | 0, 0x9e3779b1) >>> 0;
  return () => {
    counter = (counter + 0x9e3779b9) >>> 0;
    let bits = counter;
    bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
    return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
  };
}
