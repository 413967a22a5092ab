import type { Graph } from "../ops/program.ts";
import { type HostTensor, isHostTensor } from "../tensor/host.ts";
import { isTensor } from "../tensor/tensor.ts";
import { flattenTree } from "../tensor/tree.ts";

/**
 * 64 bits that tell two byte sequences apart, as 16 hex digits: two FNV-1a sums over 32-bit words with different starts. Good against
 * accidents (other data, another seed), not against someone who wants two inputs to agree.
 */
export function fingerprint(bytes: Uint8Array): string {
  let a = 0x811c9dc5;
  let b = 0x9747b28c ^ bytes.length;
  const words = bytes.length >>> 2;
  if (bytes.byteOffset % 4 === 0) {
    const view = new Int32Array(bytes.buffer, bytes.byteOffset, words);
    for (let i = 0; i < words; i++) {
      const word = view[i] as number;
      a = Math.imul(a ^ word, 0x01000193);
      b = Math.imul((b << 13) | (b >>> 19), 5) + (word ^ a);
    }
  } else {
    for (let i = 0; i < words; i++) {
      const at = 4 * i;
      const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
      const word = low | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
      a = Math.imul(a ^ word, 0x01000193);
      b = Math.imul((b << 13) | (b >>> 19), 5) + (word ^ a);
    }
  }
  for (let i = 4 * words; i < bytes.length; i++) {
    a = Math.imul(a ^ (bytes[i] as number), 0x01000193);
    b = Math.imul((b << 13) | (b >>> 19), 5) + ((bytes[i] as number) ^ a);
  }
  return hex(mix(a ^ b)) + hex(mix(b));
}

/** The fingerprint of a text. */
export function fingerprintText(text: string): string {
  return fingerprint(new TextEncoder().encode(text));
}

/** The fingerprint of a tree of host tensors: nesting, names, dtypes, shapes and every element. */
export function fingerprintTree(tree: unknown): string {
  const { leaves, paths } = flattenTree(tree, isTensor);
  const parts = leaves.map((leaf, i) => {
    if (!isHostTensor(leaf)) throw new TypeError(`fingerprintTree: ${paths[i]} is not on the host`);
    return `${paths[i]}:${leaf.dtype}[${leaf.shape}]=${fingerprint(bytesOf(leaf))}`;
  });
  return fingerprintText(parts.join(";"));
}

/** The fingerprint of a program: nodes, attributes, names, types and constants, also of the programs inside it (loops). */
export function fingerprintGraph(graph: Graph): string {
  const { constants, ...rest } = graph;
  const plain = JSON.stringify(rest, (_key, value: unknown) => (isGraph(value) ? fingerprintGraph(value) : value));
  return fingerprintText(`${plain} ${fingerprintTree({ ...constants })}`);
}

function isGraph(value: unknown): value is Graph {
  return typeof value === "object" && value !== null && "nodes" in value && "constants" in value;
}

function bytesOf(tensor: HostTensor): Uint8Array {
  const { buffer, byteOffset, byteLength } = tensor.dataSync();
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Spreads every bit over all others (the finalizer of MurmurHash3). */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, "0");
}
