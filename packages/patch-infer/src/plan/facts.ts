import { isLocal, mapsOf, ruleOf } from "../layers/rules.ts";
import type { LayerMaps } from "../layers/rule.ts";
import type { Layer } from "../network/layer.ts";
import type { CellType, FeatureMap, Network } from "../network/network.ts";

/** One layer and its neighbourhood. */
export interface LayerFacts {
  readonly index: number;
  readonly layer: Layer;
  readonly maps: LayerMaps;
  readonly local: boolean;
  /** Multiply-accumulates of an output box are `unit * work(rows) * work(columns)`. */
  readonly unit: number;
  /** For each input the map that holds its bytes (views resolved). */
  readonly roots: readonly string[];
  /** The same as numbers, see `NetworkFacts.maps`. */
  readonly inputs: readonly number[];
}

/** What planning asks of a network again and again. Maps are meant by the name that holds their bytes. */
export interface NetworkFacts {
  readonly network: Network;
  readonly layers: readonly LayerFacts[];
  /** Position of the layer that makes a map; -1 for the program's inputs. */
  readonly producer: ReadonlyMap<string, number>;
  /** Positions of the layers that read a map or a view of it, ascending. */
  readonly readers: ReadonlyMap<string, readonly number[]>;
  /** Maps that the program gives out. */
  readonly given: ReadonlySet<string>;
  /**
   * Maps by number: what layer i makes has number i, then come the program's inputs. Planning looks at them millions of times
   * in a search, so it counts with numbers.
   */
  readonly maps: readonly MapFacts[];
  readonly numbers: ReadonlyMap<string, number>;
}

export interface MapFacts {
  readonly map: FeatureMap;
  /** Position of the layer that makes it; -1 for a program input. */
  readonly made: number;
  readonly readers: readonly number[];
  /** The last of them; -1 when there is none. */
  readonly lastReader: number;
  readonly given: boolean;
  readonly cellBytes: number;
  readonly bytes: number;
}

const cache = new WeakMap<Network, NetworkFacts>();

/** Facts of a network, collected once. */
export function factsOf(network: Network): NetworkFacts {
  const known = cache.get(network);
  if (known !== undefined) return known;
  const root = (name: string): string => mapOf(network, name).viewOf ?? name;
  const names = [...network.layers.map(({ output }) => output), ...network.inputs.map(({ map }) => root(map))];
  const numbers = new Map([...new Set(names)].map((name, i) => [name, i]));
  const producer = new Map<string, number>();
  const readers = new Map<string, number[]>();
  for (const port of network.inputs) producer.set(root(port.map), -1);
  const layers = network.layers.map((layer, index): LayerFacts => {
    const maps = mapsOf(network, layer);
    const roots = layer.inputs.map(root);
    for (const input of new Set(roots)) {
      const list = readers.get(input);
      if (list === undefined) readers.set(input, [index]);
      else list.push(index);
    }
    producer.set(layer.output, index);
    const inputs = roots.map((input) => numbers.get(input) ?? -1);
    const unit = ruleOf(layer).unit(layer, maps);
    return { index, layer, maps, local: isLocal(layer, maps), unit, roots, inputs };
  });
  const given = new Set(network.outputs.map((port) => root(port.map)));
  const maps = [...numbers.keys()].map((name): MapFacts => {
    const map = mapOf(network, name);
    const own = readers.get(name) ?? [];
    return {
      map,
      made: producer.get(name) ?? -1,
      readers: own,
      lastReader: own.at(-1) ?? -1,
      given: given.has(name),
      cellBytes: cellBytes(map),
      bytes: mapBytes(map),
    };
  });
  const facts = { network, layers, producer, readers, given, maps, numbers };
  cache.set(network, facts);
  return facts;
}

export function mapOf(network: Network, name: string): FeatureMap {
  const map = network.maps[name];
  if (map === undefined) throw new TypeError(`network "${network.name}" has no map "${name}"`);
  return map;
}

/** Bytes of one number. */
export function numberBytes(type: CellType): 1 | 4 {
  return type === "int8" ? 1 : 4;
}

/** Bytes of one cell with all its channels. */
export function cellBytes(map: FeatureMap): number {
  return map.channels * numberBytes(map.type);
}

export function mapBytes(map: FeatureMap): number {
  return map.height * map.width * cellBytes(map);
}

/** Position of the layer that makes a map; -1 for a program input. */
export function producerOf(facts: NetworkFacts, map: string): number {
  return facts.producer.get(map) ?? -1;
}

/** The last layer that reads a map: -1 when none does. */
export function lastReader(facts: NetworkFacts, map: string): number {
  return facts.readers.get(map)?.at(-1) ?? -1;
}
