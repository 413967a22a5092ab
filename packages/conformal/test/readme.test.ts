import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import * as conformal from "../src/index.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("the first example prints what its comments say", () => {
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  // The example has no type annotations, so that it is JavaScript once its import is a destructuring.
  const body = example.replace(/import (\{[^}]*\}) from "@parsimony\/conformal";/, "const $1 = conformal;");
  const printed: string[] = [];
  const console = {
    log: (...values: unknown[]) =>
      printed.push(values.map((value) => inspect(value).replace(/^\[ | \]$/g, "|")).join(" ")),
  };
  new Function("conformal", "console", body)(conformal, console);
  const promised = [...example.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map((match) => match[1] as string);
  expect(promised.length).toBeGreaterThan(2);
  expect(printed).toEqual(promised.map((text) => text.replace(/^\[|\]$/g, "|")));
});
