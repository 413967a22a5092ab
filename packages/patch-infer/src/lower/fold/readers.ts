import type { Draft, DraftLayer } from "../draft.ts";

/** Who reads which map, views counting as what they show. */
export interface Readers {
  /** Layers that read a map, in order; each once. */
  of(map: string): readonly DraftLayer[];
  /** The only layer that reads a map, if there is one and the map is no output. */
  only(map: string): DraftLayer | undefined;
}

export function originOf(draft: Draft, map: string): string {
  return draft.map(map).viewOf ?? map;
}

export function readersOf(draft: Draft, outputs: Iterable<string>): Readers {
  const lists = new Map<string, DraftLayer[]>();
  for (const layer of draft.layers) {
    for (const origin of new Set(layer.inputs.map((name) => originOf(draft, name)))) {
      const list = lists.get(origin);
      if (list === undefined) lists.set(origin, [layer]);
      else list.push(layer);
    }
  }
  const kept = new Set([...outputs].map((name) => originOf(draft, name)));
  return {
    of: (map) => lists.get(map) ?? [],
    only: (map) => {
      const list = lists.get(map);
      return list?.length === 1 && !kept.has(map) ? list[0] : undefined;
    },
  };
}
