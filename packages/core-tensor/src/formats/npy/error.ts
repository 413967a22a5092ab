import { FormatError } from "../../tensor/errors.ts";

/**
 * What can be wrong with an npy file, or with one in an archive:
 * - `not-npy`: it does not begin with the format's magic bytes;
 * - `unsupported-version`: neither version 1.0, 2.0 nor 3.0;
 * - `truncated`: it ends before the header or the elements do;
 * - `header-too-large`: more than `MAX_HEADER_BYTES`;
 * - `invalid-header`: the header is no Python dictionary of the form that the format prescribes;
 * - `unsupported-dtype`: elements that no dtype of ours holds (uint64, complex numbers, texts, objects, records, …);
 * - `overflow`: a dimension, or the size of the array, above 2^53 - 1;
 * - `trailing-bytes`: the file goes on after the last element;
 * - `invalid-value`: an element that its dtype does not allow (a boolean other than 0 and 1).
 *
 * What can be wrong with an npz archive besides:
 * - `invalid-zip`: it is no zip archive, or a damaged one: records that are missing, cut off or contradict each other;
 * - `unsupported-zip`: an archive of a kind that numpy does not write: in several parts, encrypted, larger than 4 GiB
 *   (zip64), compressed otherwise than by deflate, or with names that are not in UTF-8;
 * - `unexpected-entry`: an entry whose name does not end in `.npy`;
 * - `duplicate-entry`: two entries of one name;
 * - `overlap`: entries that share bytes;
 * - `invalid-deflate`: compressed bytes that cannot be decompressed;
 * - `size-mismatch`: an entry is larger or smaller than the archive, or its own header, says;
 * - `too-large`: more decompressed bytes than the caller allows;
 * - `checksum`: an entry's CRC-32 is another.
 */
export type NpyErrorCode =
  | "not-npy"
  | "unsupported-version"
  | "truncated"
  | "header-too-large"
  | "invalid-header"
  | "unsupported-dtype"
  | "overflow"
  | "trailing-bytes"
  | "invalid-value"
  | "invalid-zip"
  | "unsupported-zip"
  | "unexpected-entry"
  | "duplicate-entry"
  | "overlap"
  | "invalid-deflate"
  | "size-mismatch"
  | "too-large"
  | "checksum";

/** A file that is not well-formed npy or npz, or holds what cannot be read here. */
export class NpyError extends FormatError {
  override name = "NpyError";

  constructor(
    readonly code: NpyErrorCode,
    offset: number,
    /** Without the place, which is added. */
    readonly reason: string,
    format: "npy" | "npz" = "npy",
  ) {
    super(format, offset, reason);
  }
}
