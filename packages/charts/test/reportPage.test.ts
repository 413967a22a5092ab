import fc from "fast-check";
import { expect, test } from "vitest";
import { type Node, descendants, parseXml } from "../../../scripts/vitest/xml.ts";
import { lineChart } from "../src/lineChart.ts";
import { reportPage } from "../src/reportPage.ts";
import { hostile } from "./arbitraries.ts";

const parsed = (page: string): Node[] =>
  descendants(
    parseXml(
      page
        .replace(/^<!doctype html>\n/, "")
        .replace(/<meta[^>]*>\n/g, "")
        .trimEnd(),
    ),
  );

test("the page is self-contained, and escapes all text", () => {
  fc.assert(
    fc.property(hostile, hostile, (title, text) => {
      const page = reportPage({
        title,
        language: text,
        sections: [
          {
            title: text,
            paragraphs: [title, text],
            facts: [[text, title]],
            charts: [{ svg: lineChart([{ y: [1, 2] }], { title }), caption: text }],
            chartWidth: 300,
            table: { columns: [text, "b"], rows: [[title, text]] },
            downloads: [{ name: text, type: title, text }],
          },
        ],
      });
      expect(page).not.toMatch(/<script|<link|https?:\/\/(?!www\.w3\.org\/2000\/svg")|@import|url\(/);
      parsed(page);
    }),
    { numRuns: 30 },
  );
  expect(reportPage({ title: "t", sections: [{ html: "<b>own</b>" }] })).toContain("<b>own</b>");
});

test("a download holds its text, bit for bit", () => {
  const text = 'level,"a ""b"""\n1,é😀%20&<>\n';
  const link = parsed(
    reportPage({ title: "t", sections: [{ downloads: [{ name: "curves.csv", type: "text/csv", text }] }] }),
  ).find(({ name }) => name === "a");
  expect(link?.attributes["download"]).toBe("curves.csv");
  const [head, data = ""] = (link?.attributes["href"] ?? "").split(/,(.*)/s);
  expect(head).toBe("data:text/csv;charset=utf-8");
  expect(decodeURIComponent(data)).toBe(text);
});

test("small multiples", () => {
  const page = (chartWidth?: number): string =>
    reportPage({
      title: "t",
      sections: [{ charts: [{ svg: "<svg/>" }], ...(chartWidth === undefined ? {} : { chartWidth }) }],
    });
  expect(page(260)).toContain('style="grid-template-columns:repeat(auto-fit,minmax(min(100%,260px),1fr))"');
  expect(page(1)).toContain("min(100%,100px)");
  expect(page(Number.NaN)).toBe(page());
});
