import { closeSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";

/** Bytes that one call reads at most: Node refuses more than 2^31 - 1. */
const CHUNK = 2 ** 30;

/**
 * A whole file, also one beyond 2 GiB.
 *
 * @throws the system's own error; Error for what is no plain file (a folder, a device, a pipe).
 */
export function readWhole(path: string): Uint8Array {
  // Before it is opened: opening a pipe waits for somebody to write into it.
  const info = statSync(path);
  if (!info.isFile()) throw new Error(info.isDirectory() ? "expected a file, got a folder" : "expected a plain file");
  const file = openSync(path, "r");
  try {
    const bytes = new Uint8Array(info.size);
    let at = 0;
    while (at < bytes.length) {
      const count = readSync(file, bytes, at, Math.min(bytes.length - at, CHUNK), at);
      if (count === 0) break;
      at += count;
    }
    return bytes.subarray(0, at);
  } finally {
    closeSync(file);
  }
}

/**
 * The files beside a model, by the location that the model names, each read once; undefined for those that are not there.
 * Locations lead downwards from the folder: the reader has checked them.
 */
export function filesBeside(folder: string): (location: string) => Uint8Array | undefined {
  const known = new Map<string, Uint8Array | undefined>();
  return (location) => {
    if (!known.has(location)) known.set(location, readIfThere(join(folder, location)));
    return known.get(location);
  };
}

function readIfThere(path: string): Uint8Array | undefined {
  try {
    return readWhole(path);
  } catch {
    return undefined;
  }
}
