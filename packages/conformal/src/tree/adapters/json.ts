import type { TreeAdapter } from "../adapter.ts";

/** A value that JSON can write. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * Reads a JSON value as a tree: arrays and objects are nodes, other values are leaves. The label of an object lists its
 * keys, sorted, because their order means nothing; its children are the values in that order. Has no spans: give costs
 * with `nodeCosts`, or read a syntax tree of the JSON text instead.
 */
export const jsonAdapter: TreeAdapter<JsonValue> = Object.freeze({
  children(node: JsonValue): readonly JsonValue[] {
    if (isList(node)) return node;
    if (!isRecord(node)) return [];
    return keysOf(node).map((key) => node[key] as JsonValue);
  },
  label(node: JsonValue): string {
    if (isList(node)) return "array";
    return isRecord(node) ? `object ${JSON.stringify(keysOf(node))}` : JSON.stringify(node);
  },
});

function isList(node: JsonValue): node is readonly JsonValue[] {
  return Array.isArray(node);
}

function isRecord(node: JsonValue): node is { readonly [key: string]: JsonValue } {
  return typeof node === "object" && node !== null;
}

function keysOf(node: { readonly [key: string]: JsonValue }): string[] {
  return Object.keys(node).sort();
}
