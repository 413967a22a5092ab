import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runPage } from "../../../scripts/vitest/markdown.ts";

const page = new URL("../README.md", import.meta.url);

test("examples of the README", async () => {
  const blocks = await runPage(page, (module) => import(module));
  expect(blocks.length).toBeGreaterThan(0);
  for (const { heading, printed, promised } of blocks) {
    expect({ heading, printed }).toEqual({ heading, printed: promised });
  }
});

test("the README names every export", async () => {
  const text = readFileSync(page, "utf8");
  const names = Object.keys((await import("@parsimony/charts")) as object);
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
});
