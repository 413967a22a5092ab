import type { TensorInfo } from "./schema.ts";

/**
 * A name for every tensor, each once: its own where it is the first to bear it, `<name>_<index>` where an earlier tensor
 * bears it too, `tensor_<index>` where it has none. Depends on the file only.
 */
export function uniqueNames(tensors: readonly TensorInfo[]): string[] {
  // Names of the file go first, so that a made-up name never takes that of a later tensor.
  const own = new Set(tensors.map(({ name }) => name));
  // Not a name that a plain object can hold as a key.
  const given = new Set(["", "__proto__"]);
  return tensors.map(({ name, index }) => {
    let unique = name;
    if (given.has(unique)) {
      unique = `${name === "" ? "tensor" : name}_${index}`;
      while (given.has(unique) || own.has(unique)) unique += "_";
    }
    given.add(unique);
    return unique;
  });
}
