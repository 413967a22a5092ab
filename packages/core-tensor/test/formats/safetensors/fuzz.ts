import { readFileSync } from "node:fs";
import {
  openSafetensors,
  parseSafetensors,
  readSafetensors,
  serializeSafetensors,
} from "../../../src/formats/safetensors/index.ts";
import type { ByteRange, FuzzCounts, FuzzFile } from "../fuzz.ts";
import { fuzz } from "../fuzz.ts";

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8"));

/** Files that the format's own library wrote, by what is in them, and one of the size of a small model. */
function realFiles(): Record<string, FuzzFile> {
  const references = fixture("reference") as { title: string; file: string }[];
  const torch = fixture("torch") as { file: string };
  const bytes = new Uint8Array(1_000_000).map((_, i) => i * 31);
  const model = serializeSafetensors({ "encoder.weight": { dtype: "F32", shape: [500, 500], bytes } });
  const files: [string, Uint8Array][] = [
    ...references.map(({ title, file }): [string, Uint8Array] => [title, Buffer.from(file, "base64")]),
    ["torch tensors", Buffer.from(torch.file, "base64")],
    ["a megabyte", model],
  ];
  return Object.fromEntries(files.map(([title, file]) => [title, { bytes: file, structural: header(file) }]));
}

function header(file: Uint8Array): ByteRange[] {
  return [[0, 8 + new DataView(file.buffer, file.byteOffset).getUint32(0, true)]];
}

/** Files whose every tensor has a dtype of ours. */
function ourFiles(): Record<string, FuzzFile> {
  return Object.fromEntries(
    Object.entries(realFiles()).filter(([, { bytes }]) => {
      try {
        return readSafetensors(bytes);
      } catch {
        return false;
      }
    }),
  );
}

/** Damages real files: each is read as raw bytes, as tensors, and lazily, tensor by tensor. */
export async function fuzzSafetensors(count: number, seed: number): Promise<FuzzCounts[]> {
  return [
    await fuzz({ name: "parseSafetensors", files: realFiles(), read: parseSafetensors, count, seed }),
    await fuzz({ name: "readSafetensors", files: ourFiles(), read: readSafetensors, count, seed }),
    await fuzz({
      name: "openSafetensors",
      files: ourFiles(),
      count,
      seed,
      async read(bytes) {
        const lazy = await openSafetensors({
          size: bytes.length,
          read: async (offset, length) => bytes.slice(offset, offset + length),
        });
        return Promise.all(lazy.names.map((name) => lazy.tensor(name)));
      },
    }),
  ];
}
