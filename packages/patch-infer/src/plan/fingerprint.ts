import { fingerprint, fingerprintText } from "@parsimony/core-tensor";
import type { Network } from "../network/network.ts";

const known = new WeakMap<Network, string>();

/** 16 hex digits that tell networks apart: layers, maps, ports and every weight. */
export function networkFingerprint(network: Network): string {
  const before = known.get(network);
  if (before !== undefined) return before;
  const text = JSON.stringify(network, (_key, value: unknown) => {
    if (ArrayBuffer.isView(value)) return fingerprint(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    // JSON has no infinity, and clamps without a bound are told apart by it.
    return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  });
  const own = fingerprintText(text);
  known.set(network, own);
  return own;
}
