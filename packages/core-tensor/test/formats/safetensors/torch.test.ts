import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openSafetensors, readSafetensors, writeSafetensors } from "../../../src/formats/safetensors/index.ts";

interface Fixture {
  readonly file: string;
  readonly expected: Record<string, { dtype: string; shape: number[]; values: string[] }>;
}

const text = readFileSync(new URL("fixtures/torch.json", import.meta.url), "utf8");
const { file: encoded, expected } = JSON.parse(text) as Fixture;
const file = new Uint8Array(Buffer.from(encoded, "base64"));

test("a file of torch tensors is read with its values, and written again with the same bytes", () => {
  const { tensors, metadata } = readSafetensors(file);
  expect(Object.keys(tensors).toSorted()).toEqual(Object.keys(expected).toSorted());
  for (const [name, { dtype, shape, values }] of Object.entries(expected)) {
    const read = tensors[name];
    expect([read?.dtype, read?.shape], name).toEqual([dtype, shape]);
    const parse = (value: string): number | bigint => (dtype === "int64" ? BigInt(value) : Number(value));
    expect(
      Array.from(read?.dataSync() ?? [], (value: number | bigint) => value),
      name,
    ).toEqual(values.map(parse));
  }
  expect(Buffer.from(writeSafetensors(tensors, { metadata })).equals(file)).toBe(true);
});

test("the same, tensor by tensor", async () => {
  const lazy = await openSafetensors(new Blob([file]));
  const tensors = Object.fromEntries(
    await Promise.all(lazy.names.map(async (name) => [name, await lazy.tensor(name)])),
  );
  expect(Buffer.from(writeSafetensors(tensors, { metadata: lazy.metadata })).equals(file)).toBe(true);
});
