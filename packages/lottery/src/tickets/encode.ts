import { type HostTensor, type Tensor, isHostTensor, fingerprint } from "@parsimony/core-tensor";
import { readSafetensors, writeSafetensors } from "@parsimony/core-tensor/safetensors";
import type { Named } from "../base/parameters.ts";
import type { Mask } from "../mask/mask.ts";
import { packMask, unpackMask } from "../mask/packed.ts";
import type { CurvePoint, RunProgress } from "../train/run.ts";
import type { TrainState } from "../train/trainer.ts";
import { exactJson, parseExactJson } from "./journal.ts";

// Records come back in the order in which they were written, which safetensors does not keep: a trainer that minds
// the order of names, against the contract, would otherwise go on with other bits.
const orderKey = "order";

function write(tensors: Named, metadata: Readonly<Record<string, string>>): Uint8Array {
  return writeSafetensors(tensors, { metadata: { ...metadata, [orderKey]: JSON.stringify(Object.keys(tensors)) } });
}

function read(bytes: Uint8Array): { readonly tensors: Named; readonly metadata: Readonly<Record<string, string>> } {
  const { tensors, metadata } = readSafetensors(bytes);
  const names = JSON.parse(metadata[orderKey] ?? "null") as string[];
  return { tensors: Object.fromEntries(names.map((name) => [name, hostOf(tensors[name])])), metadata };
}

function hostOf(value: Tensor | undefined): HostTensor {
  if (value === undefined || !isHostTensor(value)) throw new TypeError("a tensor is missing");
  return value;
}

/** Names with a word in front of each. */
function under(prefix: string, tensors: Named): Named {
  return Object.fromEntries(Object.entries(tensors).map(([name, value]) => [prefix + name, value]));
}

function within(prefix: string, tensors: Named): Named {
  const entries = Object.entries(tensors).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(prefix.length), value]));
}

const stateTensors = ({ params, optimizer }: TrainState): Named => ({
  ...under("params/", params),
  ...under("optimizer/", optimizer),
});

const stateOf = (tensors: Named, step: number): TrainState => ({
  step,
  params: within("params/", tensors),
  optimizer: within("optimizer/", tensors),
});

/** A state as a safetensors file: `params/...`, `optimizer/...`, and the step as metadata. */
export function encodeState(state: TrainState): Uint8Array {
  return write(stateTensors(state), { step: String(state.step) });
}

export function decodeState(bytes: Uint8Array): TrainState {
  const { tensors, metadata } = read(bytes);
  return stateOf(tensors, Number(metadata["step"]));
}

export function encodeParams(params: Named): Uint8Array {
  return write(params, {});
}

export function decodeParams(bytes: Uint8Array): Named {
  return read(bytes).tensors;
}

/** A mask as a safetensors file, packed by `packMask`. */
export function encodeMask(mask: Mask): Uint8Array {
  return write(packMask(mask), {});
}

export function decodeMask(bytes: Uint8Array): Mask {
  return unpackMask(read(bytes).tensors);
}

const sealLength = 16;

/**
 * Where a run stands, with the name of the run. It begins with the fingerprint of the rest: a checkpoint that was cut or
 * damaged is recognised by itself and costs time, nothing else.
 */
export function encodeCheckpoint(run: string, { state, curve, best }: RunProgress): Uint8Array {
  const kept = best.step === state.step ? {} : under("best/", best.params);
  const metadata = {
    run,
    step: String(state.step),
    best: String(best.step),
    curve: exactJson(curve),
  };
  const content = write({ ...under("state/", stateTensors(state)), ...kept }, metadata);
  const sealed = new Uint8Array(sealLength + content.length);
  sealed.set(new TextEncoder().encode(fingerprint(content)));
  sealed.set(content, sealLength);
  return sealed;
}

/** The progress of a run; undefined when the checkpoint belongs to another one or is damaged. */
export function decodeCheckpoint(run: string, sealed: Uint8Array): RunProgress | undefined {
  // A copy, so that the tensors are aligned.
  const content = sealed.slice(sealLength);
  if (new TextDecoder().decode(sealed.subarray(0, sealLength)) !== fingerprint(content)) return undefined;
  const { tensors, metadata } = read(content);
  if (metadata["run"] !== run) return undefined;
  const state = stateOf(within("state/", tensors), Number(metadata["step"]));
  const step = Number(metadata["best"]);
  const params = step === state.step ? state.params : within("best/", tensors);
  const curve = parseExactJson(metadata["curve"] ?? "[]") as CurvePoint[];
  return { state, curve, best: { step, params } };
}
