import { type Store, memoryStore } from "../../src/index.ts";

/** What becomes of the write in which a program is killed. */
export type Cut = "before" | "torn" | "after";

/** A store on which the program that uses it is killed at its n-th change (0, 1, ...): nothing works from then on. */
export function killedAt(inner: Store, change: number, cut: Cut): Store {
  let count = 0;
  const alive = (): void => {
    if (count > change) throw new Error("killed");
  };
  const changing = async (now: () => Promise<void>, half: () => Promise<void>): Promise<void> => {
    alive();
    if (count++ < change) return now();
    if (cut === "torn") await half();
    if (cut === "after") await now();
    throw new Error("killed");
  };
  return {
    read: async (name) => {
      alive();
      return inner.read(name);
    },
    list: async (prefix) => {
      alive();
      return inner.list(prefix);
    },
    write: (name, bytes) =>
      changing(
        () => inner.write(name, bytes),
        () => inner.write(name, bytes.subarray(0, Math.floor(bytes.length / 2))),
      ),
    remove: (name) =>
      changing(
        () => inner.remove(name),
        async () => {},
      ),
  };
}

/** A store that counts its changes. */
export function countingStore(): { readonly store: Store; readonly changes: () => number } {
  const inner = memoryStore();
  let count = 0;
  const counted: Store = {
    ...inner,
    write: (name, bytes) => {
      count++;
      return inner.write(name, bytes);
    },
    remove: (name) => {
      count++;
      return inner.remove(name);
    },
  };
  return { store: counted, changes: () => count };
}
