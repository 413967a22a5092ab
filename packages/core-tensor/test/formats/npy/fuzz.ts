import { deflateRawSync } from "node:zlib";
import { inflate } from "../../../src/formats/npy/inflate.ts";
import { type NpyErrorCode, readNpy, readNpz } from "../../../src/formats/npy/index.ts";
import { type FuzzCounts, type FuzzFile, fuzz } from "../fuzz.ts";
import { numpyFiles } from "./numpyFiles.ts";
import { zipRecords } from "./zipRecords.ts";

/** Archives with all that describes their entries as the part where half of the damage is done. */
function archives(): Record<string, FuzzFile> {
  return Object.fromEntries(
    numpyFiles.archives.map(({ title, file }) => {
      const { local, central } = zipRecords(file);
      const directory: [number, number] = [central[0] ?? 0, file.length];
      return [title, { bytes: file, structural: [directory, ...local.map((at): [number, number] => [at, at + 180])] }];
    }),
  );
}

/** Repetitive in places, so that compression has something to do. */
const plain = new Uint8Array(100_000).map((_, i) => (i % 5000 < 2000 ? i >> 12 : (i * i) >> 9));

/** What stands in an archive only where its checksum is right is damaged on its own. */
export async function fuzzNpy(count: number, seed: number): Promise<FuzzCounts[]> {
  const arrays = numpyFiles.arrays;
  const files = Object.fromEntries(
    arrays.map(({ title, file }) => [title, { bytes: file, structural: [[0, 128]] }] as const),
  );
  return [
    await fuzz({ name: "readNpy", files, read: readNpy, count, seed }),
    await fuzz({
      name: "inflate",
      files: { "100 kB": deflateRawSync(plain) },
      read: (bytes) => inflate(bytes, 0, () => plain.length),
      count,
      seed,
    }),
    await fuzz({ name: "readNpz", files: archives(), read: (bytes) => readNpz(bytes), count, seed }),
  ];
}

/** Codes that damage of this kind should bring about, as a sign that it reaches that far. */
export const expectedCodes: Readonly<Record<string, readonly NpyErrorCode[]>> = {
  readNpy: ["not-npy", "unsupported-version", "truncated", "invalid-header", "unsupported-dtype", "trailing-bytes"],
  inflate: ["invalid-deflate", "size-mismatch"],
  readNpz: ["invalid-zip", "unsupported-zip", "size-mismatch", "checksum", "invalid-deflate", "invalid-header"],
};
