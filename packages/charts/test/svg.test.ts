import fc from "fast-check";
import { expect, test } from "vitest";
import { parseXml } from "../../../scripts/vitest/xml.ts";
import { element, pathThrough, textOf } from "../src/svg.ts";
import { hostile } from "./arbitraries.ts";
import { codeOf } from "./codeOf.ts";

test("text and attributes mean themselves", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const node = parseXml(element("g", { id: text }, textOf(text)));
      const kept = text.replace(/[\ud800-\udfff]/gu, "\ufffd");
      // biome-ignore lint/suspicious/noControlCharactersInRegex: XML can't hold them
      const legal = kept.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd");
      expect(node.attributes["id"]).toBe(legal);
      expect(node.text).toBe(legal);
    }),
    { numRuns: 50 },
  );
});

test("numbers are rounded, and are numbers", () => {
  expect(element("circle", { cx: 1 / 3, cy: -0, r: undefined })).toBe('<circle cx="0.33" cy="0"/>');
  expect(
    pathThrough(
      [
        [0, 1],
        [2.004, 3],
      ],
      true,
    ),
  ).toBe("M0 1H2V3");
  expect(codeOf(() => element("circle", { cx: Number.NaN }))).toBe("E_RANGE");
});
