import { Inflate } from "fflate";
import { zipError } from "./zipDirectory.ts";

/** Compressed bytes that are taken at a time: they become at most a thousand times as many (RFC 1951). */
const STEP = 16384;

/** Bytes that are reserved at first. */
const FIRST_BYTES = 65536;

/**
 * Decompresses (RFC 1951) as many bytes as their beginning promises, and refuses as soon as there are more. Memory grows
 * with what comes out and not with what is claimed.
 *
 * @param begin where the compressed bytes lie in the archive, for messages.
 * @param promise the size of the whole, from its first bytes; undefined while they are too few to tell. Asked again
 *   whenever there are more, until it knows. It throws where there can be no good end.
 * @throws NpyError (`invalid-deflate`, `size-mismatch`).
 */
export function inflate(
  compressed: Uint8Array,
  begin: number,
  promise: (start: Uint8Array) => number | undefined,
): Uint8Array {
  let result = new Uint8Array(0);
  let length = 0;
  let limit: number | undefined;
  let chunk = new Uint8Array(0);
  const stream = new Inflate((inflated) => {
    chunk = inflated as Uint8Array<ArrayBuffer>;
  });
  for (let at = 0; at === 0 || at < compressed.length; at += STEP) {
    try {
      stream.push(compressed.subarray(at, at + STEP), at + STEP >= compressed.length);
    } catch (cause) {
      const error = zipError("invalid-deflate", begin + at, `cannot be decompressed: ${(cause as Error).message}`);
      error.cause = cause;
      throw error;
    }
    if (limit !== undefined && length + chunk.length > limit) throw tooLong(begin + at, limit);
    result = withRoom(result, length, length + chunk.length, limit);
    result.set(chunk, length);
    length += chunk.length;
    limit ??= promise(result.subarray(0, length));
    if (limit !== undefined && length > limit) throw tooLong(begin + at, limit);
  }
  if (length !== limit) {
    const expected = limit === undefined ? "more" : String(limit);
    throw zipError(
      "size-mismatch",
      begin + compressed.length,
      `expected ${expected} decompressed bytes, got ${length}`,
    );
  }
  return result.length === length ? result : result.slice(0, length);
}

function tooLong(offset: number, limit: number): Error {
  return zipError("size-mismatch", offset, `expected ${limit} decompressed bytes, got more`);
}

/** The first bytes in an array with room for `needed`: twice as long as before, but not longer than the limit. */
function withRoom(
  bytes: Uint8Array<ArrayBuffer>,
  length: number,
  needed: number,
  limit: number | undefined,
): Uint8Array<ArrayBuffer> {
  if (needed <= bytes.length) return bytes;
  const larger = new Uint8Array(
    Math.max(needed, Math.min(limit ?? FIRST_BYTES, Math.max(FIRST_BYTES, 2 * bytes.length))),
  );
  larger.set(bytes.subarray(0, length));
  return larger;
}
