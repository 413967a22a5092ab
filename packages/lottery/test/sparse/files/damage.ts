import { parseSafetensors, serializeSafetensors } from "@parsimony/core-tensor/safetensors";

/** Whole numbers from a seed: xorshift (Marsaglia 2003). */
export function generator(seed: number): (limit: number) => number {
  let state = (Math.imul(seed + 1, 0x45d9f3b) ^ 0x9e3779b9) | 0 || 1;
  const below = (limit: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return limit < 1 ? 0 : (state >>> 0) % limit;
  };
  for (let i = 0; i < 8; i++) below(1);
  return below;
}

/** One to three bits, bytes, cuts, gaps, insertions or 32-bit numbers of a file changed, half of them in its first 600 bytes. */
export function damageBytes(file: Uint8Array, seed: number): Uint8Array {
  const below = generator(seed);
  let bytes = file.slice();
  for (let changes = 1 + below(3); changes > 0; changes--) {
    const at = below(below(2) === 0 ? bytes.length : Math.min(600, bytes.length));
    const length = 1 + below(16);
    switch (below(6)) {
      case 0:
        bytes[at] = (bytes[at] as number) ^ (1 << below(8));
        break;
      case 1:
        bytes[at] = below(256);
        break;
      case 2:
        bytes = bytes.slice(0, at);
        break;
      case 3:
        bytes = Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(at + length));
        break;
      case 4:
        bytes = Uint8Array.of(...bytes.subarray(0, at + length), ...bytes.subarray(at));
        break;
      default:
        bytes.set(new Uint8Array(numberBytes(below)).subarray(0, Math.max(0, bytes.length - at)), at);
    }
  }
  return bytes;
}

/** A file that is sound as safetensors with one array or the description of its sparse tensors damaged. */
export function damageContent(file: Uint8Array, seed: number): Uint8Array {
  const below = generator(seed);
  const { tensors, metadata } = parseSafetensors(file);
  const names = Object.keys(tensors);
  const name = names[below(names.length)] as string;
  const target = tensors[name] as (typeof tensors)[string];
  const bytes = target.bytes.slice();
  const changed = { ...tensors };
  switch (below(6)) {
    case 0: {
      const { [name]: _gone, ...others } = tensors;
      return serializeSafetensors(others, { metadata });
    }
    case 1:
      changed[name] = { ...target, dtype: below(2) === 0 ? "U8" : "I8", shape: [bytes.length] };
      break;
    case 2: {
      const key = "parsimony.sparse";
      const text = metadata[key] as string;
      const at = below(text.length);
      const piece = ["", "0", "-1", "9", "null", '"', "{", "[", "true", "4294967296", "csr", "nm"][below(12)] as string;
      const next = text.slice(0, at) + piece + text.slice(at + below(3));
      return serializeSafetensors(tensors, { metadata: { ...metadata, [key]: next } });
    }
    default:
      for (let changes = 1 + below(2); changes > 0 && bytes.length > 0; changes--) {
        const at = below(bytes.length);
        if (below(2) === 0) bytes[at] = below(256);
        else bytes.set(new Uint8Array(numberBytes(below)).subarray(0, bytes.length - at), at);
      }
      changed[name] = { ...target, bytes };
  }
  return serializeSafetensors(changed, { metadata });
}

function numberBytes(below: (limit: number) => number): ArrayBuffer {
  const extremes = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, below(2 ** 32), below(512)];
  return Uint32Array.of(extremes[below(extremes.length)] as number).buffer;
}
