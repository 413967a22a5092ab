import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** An array in a pack: its name, the name of an ONNX element type, and little-endian elements in memory of their own. */
export interface PackedValue {
  readonly name: string;
  readonly type: string;
  /** Undefined, as are the bytes, for what is no tensor of numbers. */
  readonly shape?: readonly number[];
  readonly bytes?: Uint8Array;
}

export interface PackedSet {
  readonly inputs: readonly PackedValue[];
  readonly outputs: readonly PackedValue[];
}

export interface PackedModel {
  readonly name: string;
  readonly model: Uint8Array;
  readonly sets: readonly PackedSet[];
  /** Files beside the model: external data. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** What else the script noted. */
  readonly notes: Readonly<Record<string, unknown>>;
}

type Place = readonly [at: number, length: number];
interface IndexValue {
  readonly name: string;
  readonly type: string;
  readonly shape?: readonly number[];
  readonly at?: number;
  readonly length?: number;
}
interface IndexEntry {
  readonly name: string;
  readonly model: readonly Place[];
  readonly sets: readonly { readonly inputs: readonly IndexValue[]; readonly outputs: readonly IndexValue[] }[];
  readonly files?: Readonly<Record<string, Place>>;
}

/** Reads a pack of the folder `fixtures`; `fixtures/pack.py` says what is in it. */
export function readPack(file: string): readonly PackedModel[] {
  const content = gunzipSync(readFileSync(new URL(`fixtures/${file}`, import.meta.url)));
  const base = 4 + content.readUInt32LE(0);
  const index = JSON.parse(content.toString("utf8", 4, base)) as readonly IndexEntry[];
  // Copies, so that the bytes start where typed arrays of any width may.
  const piece = (at: number, length: number): Uint8Array =>
    new Uint8Array(content.subarray(base + at, base + at + length));
  const value = ({ name, type, shape, at, length }: IndexValue): PackedValue =>
    shape === undefined ? { name, type } : { name, type, shape, bytes: piece(at as number, length as number) };
  return index.map(({ name, model, sets, files = {}, ...notes }) => ({
    name,
    model: new Uint8Array(Buffer.concat(model.map((place) => piece(...place)))),
    sets: sets.map(({ inputs, outputs }) => ({ inputs: inputs.map(value), outputs: outputs.map(value) })),
    files: Object.fromEntries(Object.entries(files).map(([key, place]) => [key, piece(...place)])),
    notes,
  }));
}
