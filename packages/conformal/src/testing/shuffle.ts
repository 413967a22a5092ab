/** A copy of the values in uniformly random order (Fisher-Yates), or only the first `count` of it. */
export function shuffled<T>(values: readonly T[], uniform: () => number, count: number = values.length): T[] {
  const copy = values.slice();
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(uniform() * (copy.length - i));
    const picked = copy[j] as T;
    copy[j] = copy[i] as T;
    copy[i] = picked;
  }
  return copy.slice(0, count);
}
