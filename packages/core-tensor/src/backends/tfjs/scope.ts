import type { Tf, TfTensor } from "./engine.ts";

/**
 * Runs `fn` in a scope of the engine: what it allocates is freed when it ends, its results excepted, and everything
 * is freed when it throws.
 */
export function scoped<T extends readonly (TfTensor | null)[]>(tf: Tf, fn: () => T): T {
  const scopes = tf.engine();
  scopes.startScope();
  let results: TfTensor[] = [];
  try {
    const values = fn();
    results = values.filter((value): value is TfTensor => value !== null);
    return values;
  } finally {
    scopes.endScope(results);
  }
}
