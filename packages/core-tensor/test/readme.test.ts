import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runPage } from "../../../scripts/vitest/markdown.ts";

// Pages open files as a user does, who has the packages that they name in node_modules.
process.chdir(fileURLToPath(new URL("..", import.meta.url)));

const load = (name: string): Promise<object> => import(name);

test.each(["../README.md", "../../../README.md"])("the examples of %s print what their comments say", async (page) => {
  const blocks = await runPage(new URL(page, import.meta.url), load);
  expect(blocks.length).toBeGreaterThan(0);
  for (const { heading, printed, promised } of blocks)
    expect({ heading, printed }).toEqual({ heading, printed: promised });
});
