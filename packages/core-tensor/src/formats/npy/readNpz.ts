import { ArgumentError } from "../../tensor/errors.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { crc32 } from "./crc32.ts";
import { NpyError } from "./error.ts";
import { quote } from "../quote.ts";
import { MAX_PREFIX_BYTES, parseHeader } from "./header.ts";
import { inflate } from "./inflate.ts";
import { readNpy } from "./read.ts";
import { type ZipContent, locateContents } from "./zipContent.ts";
import { STORED, readDirectory, zipError } from "./zipDirectory.ts";

export interface ReadNpzOptions {
  /** Arrays to read; others are left alone, whatever they hold. Default: all. */
  readonly names?: readonly string[];
  /**
   * Most bytes that compressed entries may take together when they are decompressed, which can be a thousand times the
   * archive. Default: 2^30 (1 GiB).
   */
  readonly maxInflatedBytes?: number;
}

const SUFFIX = ".npy";

/**
 * The arrays in an npz archive (what `np.savez` and `np.savez_compressed` write) by name, in the archive's order. Each is
 * read as by `readNpy`.
 *
 * @throws NpyError when the archive or an array in it is damaged, contradicts itself, or is of a kind that cannot be read
 *   (see `NpyErrorCode`); for a compressed array, `offset` is where its compressed bytes start. ArgumentError when
 *   there is no array of a name in `names`.
 * @example const { x_train, y_train } = readNpz(await readFile("mnist.npz"))
 */
export function readNpz(bytes: Uint8Array, options: ReadNpzOptions = {}): Record<string, HostTensor> {
  const { names, maxInflatedBytes = 2 ** 30 } = options;
  // A plain Uint8Array also where a Buffer came, whose slice() does not copy.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const contents = locateContents(plain, readDirectory(plain));
  const chosen = names === undefined ? contents : choose(contents, names);
  let inflated = 0;
  const arrays = chosen.map((content): [string, HostTensor] => {
    const { name, method, bytes: size, offset } = content.entry;
    if (!name.endsWith(SUFFIX)) {
      throw zipError("unexpected-entry", offset, `expected names that end in ${SUFFIX}, got ${quote(name)}`);
    }
    if (method !== STORED) inflated += size;
    if (inflated > maxInflatedBytes) {
      const message = `expected at most ${maxInflatedBytes} decompressed bytes (maxInflatedBytes), got ${inflated}`;
      throw zipError("too-large", offset, message);
    }
    return [name.slice(0, -SUFFIX.length), readEntry(plain, content)];
  });
  // fromEntries defines properties, so that the key "__proto__" is one like any other.
  return Object.fromEntries(arrays);
}

function choose(contents: readonly ZipContent[], names: readonly string[]): ZipContent[] {
  const entries = new Set(contents.map(({ entry }) => entry.name));
  const missing = names.find((name) => !entries.has(name + SUFFIX));
  if (missing !== undefined) {
    const present = contents.slice(0, 8).map(({ entry }) => quote(entry.name));
    const expected = `names of entries (${present.join(", ")}${contents.length > 8 ? ", …" : ""}) without ${SUFFIX}`;
    throw new ArgumentError({ op: "readNpz", argument: "names", expected, found: quote(missing) });
  }
  const wanted = new Set(names);
  return contents.filter(({ entry: { name } }) => name.endsWith(SUFFIX) && wanted.has(name.slice(0, -SUFFIX.length)));
}

function readEntry(archive: Uint8Array, { entry, begin, end }: ZipContent): HostTensor {
  const stored = entry.method === STORED;
  /** Runs a step; what it says about the entry becomes something about the archive. */
  const within = <T>(step: () => T): T => {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof NpyError) || error.format === "npz") throw error;
      const reason = `entry ${quote(entry.name)}: ${error.reason}${stored ? "" : ` (at its byte ${error.offset})`}`;
      throw zipError(error.code, stored ? begin + error.offset : begin, reason);
    }
  };
  const content = stored
    ? archive.subarray(begin, end)
    : within(() => inflate(archive.subarray(begin, end), begin, (start) => promisedBytes(start, entry.bytes)));
  const tensor = within(() => readNpy(content));
  if (crc32(content) !== entry.crc) {
    throw zipError("checksum", begin, `entry ${quote(entry.name)}: its bytes have another CRC-32`);
  }
  return tensor;
}

/** The size of an npy file from its first bytes, which the archive's directory has to confirm. */
function promisedBytes(start: Uint8Array, claimed: number): number | undefined {
  if (start.length < Math.min(claimed, MAX_PREFIX_BYTES)) return undefined;
  const { end } = parseHeader(start);
  if (end !== claimed) {
    throw new NpyError("size-mismatch", 0, `the array takes ${end} bytes, but ${claimed} are announced`);
  }
  return end;
}
