/**
 * Where an experiment keeps its files: bytes by name. Names are parts of letters, digits, `.`, `_` and `-`, joined by `/`.
 * `folderStore` of `@parsimony/lottery/node` is one over a folder.
 */
export interface Store {
  /** The bytes of a file; undefined when there is none. */
  read(name: string): Promise<Uint8Array | undefined>;
  /**
   * Writes a file, whole or not at all: after an interruption at any moment the name has its old bytes or the new ones. The bytes
   * are kept when the promise is fulfilled.
   */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Names that begin with `prefix`, sorted by code unit. */
  list(prefix: string): Promise<string[]>;
  /** Removes a file; one that is not there is no fault. */
  remove(name: string): Promise<void>;
  /**
   * Makes this the only writer under a name until the function that it gives is called; rejects with E_STORE while there is another.
   * A store that no two programs share does without.
   */
  lock?(name: string): Promise<() => Promise<void>>;
}

/** A store in memory. `files` are its first content; they are copied. */
export function memoryStore(files: Readonly<Record<string, Uint8Array>> = {}): Store {
  const kept = new Map(Object.entries(files).map(([name, bytes]) => [name, bytes.slice()]));
  return {
    read: async (name) => kept.get(name)?.slice(),
    write: async (name, bytes) => {
      kept.set(name, bytes.slice());
    },
    list: async (prefix) => [...kept.keys()].filter((name) => name.startsWith(prefix)).sort(),
    remove: async (name) => {
      kept.delete(name);
    },
  };
}

/** The part of a store under a prefix, as a store of its own: one folder for each run of a sweep. */
export function subStore(store: Store, prefix: string): Store {
  const lock = store.lock?.bind(store);
  return {
    read: (name) => store.read(prefix + name),
    write: (name, bytes) => store.write(prefix + name, bytes),
    list: async (start) => (await store.list(prefix + start)).map((name) => name.slice(prefix.length)),
    remove: (name) => store.remove(prefix + name),
    ...(lock === undefined ? {} : { lock: (name: string) => lock(prefix + name) }),
  };
}
