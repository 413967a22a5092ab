import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

interface Entry {
  readonly name: string;
  readonly model: readonly (readonly [at: number, length: number])[];
}

/** Models by name from one of core-tensor's packs of ONNX files (its `fixtures/pack.py` says how they are laid out). */
export function readModels(pack: "torch" | "quantized"): ReadonlyMap<string, Uint8Array> {
  const file = new URL(`../../../core-tensor/test/formats/onnx/fixtures/${pack}.pack.gz`, import.meta.url);
  const content = gunzipSync(readFileSync(file));
  const base = 4 + content.readUInt32LE(0);
  const entries = JSON.parse(content.toString("utf8", 4, base)) as readonly Entry[];
  return new Map(
    entries.map(({ name, model }) => {
      const pieces = model.map(([at, length]) => content.subarray(base + at, base + at + length));
      return [name, new Uint8Array(Buffer.concat(pieces))];
    }),
  );
}
