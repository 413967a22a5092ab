import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { RawTensor, SafetensorsDType } from "../../../src/formats/safetensors/format.ts";
import { parseSafetensors } from "../../../src/formats/safetensors/parse.ts";
import { serializeSafetensors } from "../../../src/formats/safetensors/serialize.ts";

interface Reference {
  readonly title: string;
  readonly tensors: Record<string, RawTensor>;
  readonly metadata: Record<string, string>;
  readonly file: Uint8Array;
}

const references = JSON.parse(
  readFileSync(new URL("fixtures/reference.json", import.meta.url), "utf8"),
  (key, value: unknown) =>
    typeof value === "string" && (key === "bytes" || key === "file")
      ? new Uint8Array(Buffer.from(value, "base64"))
      : value,
) as Reference[];

describe("agrees with the reference implementation", () => {
  test.each(references)("$title", ({ tensors, metadata, file }) => {
    expect(Buffer.from(serializeSafetensors(tensors, { metadata })).toString("latin1")).toBe(
      Buffer.from(file).toString("latin1"),
    );
    expect(parseSafetensors(file)).toEqual({ tensors, metadata });
  });
});

test("the order of keys does not show", () => {
  const one: RawTensor = { dtype: "U8", shape: [1], bytes: Uint8Array.of(1) };
  const two: RawTensor = { dtype: "U8", shape: [1], bytes: Uint8Array.of(2) };
  expect(serializeSafetensors({ b: two, a: one }, { metadata: { d: "4", c: "3" } })).toEqual(
    serializeSafetensors({ a: one, b: two }, { metadata: { c: "3", d: "4" } }),
  );
});

describe("refused", () => {
  const good: RawTensor = { dtype: "F32", shape: [2], bytes: new Uint8Array(8) };

  test.each([
    ["too few bytes", { ...good, bytes: new Uint8Array(7) }],
    ["a negative dimension", { ...good, shape: [-2] }],
    ["a fraction as a dimension", { ...good, shape: [0.5, 4] }],
    ["a size beyond 2^53", { ...good, shape: [2 ** 40, 2 ** 40] }],
  ])("%s", (_title, tensor: RawTensor) => {
    expect(() => serializeSafetensors({ w: tensor })).toThrow(RangeError);
    expect(() => serializeSafetensors({ w: tensor })).toThrow(/tensor "w": expected as many bytes/);
  });

  test("an element type that the format does not have", () => {
    const tensor: RawTensor = { ...good, dtype: "F31" as string as SafetensorsDType };
    expect(() => serializeSafetensors({ w: tensor })).toThrow(TypeError);
  });

  test("the name of the metadata, and names that UTF-8 does not have", () => {
    expect(() => serializeSafetensors({ __metadata__: good })).toThrow(/another name/);
    expect(() => serializeSafetensors({ "\ud800": good })).toThrow(/lone surrogate/);
    expect(() => serializeSafetensors({}, { metadata: { k: "\udc00" } })).toThrow(RangeError);
  });

  test("metadata that are no texts", () => {
    const metadata = JSON.parse('{"epoch":3}') as Record<string, string>;
    expect(() => serializeSafetensors({}, { metadata })).toThrow(
      new TypeError('serializeSafetensors: metadata of "epoch": expected a text, got number'),
    );
  });

  test("a header above 100 MB", () => {
    expect(() => serializeSafetensors({}, { metadata: { k: "x".repeat(100_000_000) } })).toThrow(/at most 100000000/);
  });
});
