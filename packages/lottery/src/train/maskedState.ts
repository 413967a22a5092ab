import { type HostTensor, tensor } from "@parsimony/core-tensor";
import { type Named, sortedNames } from "../base/parameters.ts";
import { type Mask, maskBytes } from "../mask/mask.ts";
import type { TrainState } from "./trainer.ts";

/**
 * The same state with +0 at every masked weight, in the parameters and in what the optimiser remembers of them (entries whose
 * name ends in the parameter's and that have its shape). The state itself is returned when it is clean.
 */
export function maskState(state: TrainState, mask: Mask): TrainState {
  const params = clean(state.params, mask, (name) => name);
  // The longest name: an entry of `a.w` also ends in `.w`, which may be another parameter.
  const names = sortedNames(state.params).sort((a, b) => b.length - a.length);
  // A tree that is a single tensor has the empty name.
  const ownerOf = (name: string): string | undefined =>
    names.find((own) => own === "" || name === own || name.endsWith(`.${own}`));
  const optimizer = clean(state.optimizer, mask, ownerOf);
  return params === state.params && optimizer === state.optimizer ? state : { ...state, params, optimizer };
}

function clean(tensors: Named, mask: Mask, ownerOf: (name: string) => string | undefined): Named {
  let changed = false;
  const entries = Object.entries(tensors).map(([name, value]): [string, HostTensor] => {
    const owner = ownerOf(name);
    const entry = owner === undefined ? undefined : mask[owner];
    if (entry === undefined || entry.shape.join() !== value.shape.join()) return [name, value];
    const cleaned = zeroed(value, maskBytes(entry));
    if (cleaned !== value) changed = true;
    return [name, cleaned];
  });
  return changed ? Object.fromEntries(entries) : tensors;
}

function zeroed(value: HostTensor, kept: Uint8Array): HostTensor {
  const values = value.dataSync() as Float32Array;
  let first = 0;
  while (first < kept.length && (kept[first] === 1 || Object.is(values[first], 0))) first++;
  if (first === kept.length) return value;
  const copy = values.slice();
  for (let i = first; i < kept.length; i++) if (kept[i] === 0) copy[i] = 0;
  return tensor(copy, { shape: value.shape, dtype: value.dtype });
}
