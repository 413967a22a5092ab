/** All orders of 0..size-1. */
export function permutations(size: number): number[][] {
  if (size === 0) return [[]];
  return permutations(size - 1).flatMap((rest) =>
    Array.from({ length: size }, (_, at) => rest.toSpliced(at, 0, size - 1)),
  );
}

/** All words of a length over the letters 0..letters-1. */
export function wordsOf(letters: number, length: number): number[][] {
  if (length === 0) return [[]];
  return wordsOf(letters, length - 1).flatMap((word) =>
    Array.from({ length: letters }, (_, letter) => [...word, letter]),
  );
}
