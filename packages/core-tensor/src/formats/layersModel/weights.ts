import { cast } from "../../ops/index.ts";
import { fromBytes } from "../../tensor/create.ts";
import { HostTensor } from "../../tensor/host.ts";
import { UnsupportedError } from "../../tensor/errors.ts";
import { quote } from "../quote.ts";
import { LayersModelError } from "./error.ts";
import type { JsonValue } from "./json.ts";

/** How weights are stored: their own numbers, or codes of a range (`value = code * scale + min`), or halves. */
interface Stored {
  readonly bytes: number;
  readonly read: (bytes: Uint8Array, shape: readonly number[]) => HostTensor;
}

/**
 * The weights of a manifest by name, as float32.
 *
 * @param bytes the files of all groups, one after the other. float32 weights are views of them where they are aligned.
 */
export function readWeights(manifest: JsonValue, bytes: Uint8Array): ReadonlyMap<string, HostTensor> {
  const weights = new Map<string, HostTensor>();
  let at = 0;
  for (const group of manifest.items()) {
    for (const entry of group.get("weights").items()) {
      const name = entry.get("name").text();
      const shape = entry
        .get("shape")
        .items()
        .map((dim) => dim.whole(0));
      const stored = storedAs(entry);
      const size = shape.reduce((product, dim) => product * dim, 1) * stored.bytes;
      const fail = (message: string): never => {
        throw new LayersModelError("invalid-weights", entry.path, `weight ${quote(name)} ${message}`, at);
      };
      if (weights.has(name)) fail("is there twice");
      if (!(size <= bytes.length - at)) fail(`needs ${size} bytes, ${bytes.length - at} are left`);
      weights.set(name, stored.read(bytes.subarray(at, at + size), shape));
      at += size;
    }
  }
  if (at !== bytes.length) {
    throw new LayersModelError("invalid-weights", manifest.path, `${bytes.length - at} bytes belong to no weight`, at);
  }
  return weights;
}

function storedAs(entry: JsonValue): Stored {
  const dtype = entry.get("dtype").text();
  if (dtype !== "float32") throw unsupported(entry, `weights of dtype ${quote(dtype)}`);
  const quantization = entry.optional("quantization");
  if (quantization === undefined) return { bytes: 4, read: (bytes, shape) => fromBytes("float32", shape, bytes) };
  const codes = quantization.get("dtype").text();
  if (codes === "float16") {
    return { bytes: 2, read: (bytes, shape) => cast(fromBytes("float16", shape, bytes), "float32") as HostTensor };
  }
  if (codes !== "uint8" && codes !== "uint16") throw unsupported(entry, `weights quantised to ${quote(codes)}`);
  const scale = quantization.get("scale").number();
  const min = quantization.get("min").number();
  const width = codes === "uint8" ? 1 : 2;
  return {
    bytes: width,
    read: (bytes, shape) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const code = (i: number): number => (width === 1 ? view.getUint8(i) : view.getUint16(2 * i, true));
      const values = Float32Array.from({ length: bytes.length / width }, (_, i) => code(i) * scale + min);
      return new HostTensor("float32", shape, values);
    },
  };
}

function unsupported(entry: JsonValue, what: string): UnsupportedError {
  return new UnsupportedError("layers-model", [`${entry.path}: ${what}`], "cannot be read");
}
