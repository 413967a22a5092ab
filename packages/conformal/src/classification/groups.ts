/** The values of each key `[keys]`, in their order; keys are whole numbers in 0..keys-1, one for each value. */
export function splitByKey(values: Float64Array, keyOf: ArrayLike<number>, keys: number): Float64Array[] {
  const sizes = new Uint32Array(keys);
  for (let i = 0; i < values.length; i++) sizes[keyOf[i] as number] = (sizes[keyOf[i] as number] as number) + 1;
  const parts = Array.from(sizes, (size) => new Float64Array(size));
  const filled = new Uint32Array(keys);
  for (let i = 0; i < values.length; i++) {
    const key = keyOf[i] as number;
    const at = filled[key] as number;
    (parts[key] as Float64Array)[at] = values[i] as number;
    filled[key] = at + 1;
  }
  return parts;
}
