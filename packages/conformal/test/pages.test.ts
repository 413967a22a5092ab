import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runPage } from "../../../scripts/vitest/markdown.ts";

const folder = new URL("../docs/", import.meta.url);
const pages = ["../README.md", ...readdirSync(folder)].map((name) => new URL(name, folder));
const { exports } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  exports: Record<string, unknown>;
};
const entries = Object.keys(exports)
  .filter((path) => !path.endsWith(".json"))
  .map((path) => `@parsimony/conformal${path.slice(1)}`);

// Pages open files as a user does, who has the packages that they name in node_modules.
const before = process.cwd();
beforeAll(() => process.chdir(fileURLToPath(new URL("..", import.meta.url))));
afterAll(() => process.chdir(before));

test.each(pages.map((page) => [page.pathname.split("/").at(-1), page] as const))("examples of %s", async (_, page) => {
  const blocks = await runPage(page, (module) => import(module));
  expect(blocks.length).toBeGreaterThan(0);
  for (const { heading, printed, promised } of blocks) {
    expect({ heading, printed }).toEqual({ heading, printed: promised });
  }
});

test("the pages name every export", async () => {
  const text = pages.map((page) => readFileSync(page, "utf8")).join("\n");
  const names = (await Promise.all(entries.map((entry) => import(entry) as Promise<object>))).flatMap(Object.keys);
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
});
