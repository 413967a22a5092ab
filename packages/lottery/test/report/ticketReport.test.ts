import { beforeAll, expect, test } from "vitest";
import { checkedChart } from "../../../../scripts/vitest/svg.ts";
import { type Node, descendants, parseXml } from "../../../../scripts/vitest/xml.ts";
import { type TicketReport, aggregate, toCsv } from "../../src/index.ts";
import { sweepResultsOf, ticketCharts, ticketData, ticketReport } from "../../src/report/index.ts";
import { codeOf, handResults, level, tinyReport } from "./helpers.ts";

let tiny: TicketReport[];
beforeAll(async () => {
  tiny = [await tinyReport(1), await tinyReport(2)];
});

function parsed(page: string): Node[] {
  const xml = page
    .replace(/^<!doctype html>\n/, "")
    .replace(/<meta[^>]*>\n/g, "")
    .trimEnd();
  return descendants(parseXml(xml));
}
const titles = (all: readonly Node[]): string[] => all.filter(({ name }) => name === "h2").map(({ text }) => text);
const facts = (all: readonly Node[]): Record<string, string | undefined> =>
  Object.fromEntries(
    all
      .filter(({ name }) => name === "div")
      .filter(({ children }) => children[0]?.name === "dt")
      .map(({ children }) => [children[0]?.text ?? "", children[1]?.text]),
  );

test("reports of findTickets are a sweep run by hand", () => {
  const summary = aggregate(sweepResultsOf(tiny));
  expect(summary.rows.map(({ net, level, seeds }) => `${net} ${level}: ${seeds}`)).toEqual([
    "ticket 0: 1,2",
    "ticket 1: 1,2",
    "ticket 2: 1,2",
    "ticket 3: 1,2",
    "reinit 1: 1,2",
    "reinit 3: 1,2",
  ]);
  const [dense] = summary.rows;
  expect(dense?.measures["earlyStop.test.accuracy"]?.mean).toBe(
    tiny.reduce((sum, { levels }) => sum + (levels[0]?.earlyStop.test["accuracy"] as number), 0) / 2,
  );
});

test("charts of an experiment", () => {
  const charts = ticketCharts(handResults, { losses: [0.35] });
  const shown = charts.map(({ svg }) => checkedChart(svg).find(({ name }) => name === "title")?.text);
  expect(shown).toEqual([
    "Test accuracy at early stop",
    "Test accuracy at the end of training",
    "Early-stop iteration",
    "Iterations to a validation loss of 0.35",
    "Validation loss during training",
    "Test accuracy during training",
  ]);
  // The same from data that are aggregated already.
  expect(ticketCharts(ticketData(handResults, { losses: [0.35] }))).toEqual(charts);
});

test("a control that fails does not press the others together", () => {
  const [early] = ticketCharts(handResults);
  expect(early?.caption).toContain("drawn at its edge");
  const mark = checkedChart(early?.svg ?? "")
    .filter(({ name }) => name === "g")
    .find(({ children }) => children[0]?.text.startsWith("random reinit"))?.children[1];
  // Its accuracy is 0.305, the axis ends at 0.905 - 2 (0.905 - 0.87): the square of half-width 2.88 stands on the lower edge, 262.
  expect(mark?.attributes["d"]).toContain("264.88");
  const [alone] = ticketCharts(handResults, { nets: ["ticket"] });
  expect(alone?.caption).not.toContain("drawn at its edge");
});

test("other metrics, and runs without an accuracy", () => {
  const bare = handResults.map(({ job, result }) => ({
    job,
    result: {
      levels: result.levels.map((level) => ({
        ...level,
        curve: level.curve.map(({ step, validation }) => ({ step, validation: { loss: validation.loss } })),
        earlyStop: { ...level.earlyStop, validation: { loss: 1 }, test: { loss: 1 } },
        final: { ...level.final, validation: { loss: 1 }, test: { loss: 1 } },
      })),
    },
  }));
  expect(ticketData(bare)).toMatchObject({ metric: "loss", metricPart: "validation" });
  const shown = ticketCharts(bare).map(({ svg }) => /<title>(.*?)<\/title>/.exec(svg)?.[1]);
  expect(shown).toEqual([
    "Test loss at early stop",
    "Test loss at the end of training",
    "Early-stop iteration",
    "Validation loss during training",
  ]);
  parsed(ticketReport(bare));
});

test("the page: facts, charts, numbers", () => {
  const all = parsed(
    ticketReport(handResults, {
      title: "A & B",
      facts: [["time", "<1 s"]],
      paragraphs: ["Two seeds."],
      losses: [0.35],
    }),
  );
  expect(titles(all)).toEqual(["Tickets and controls", "During training", "All numbers", "Numbers"]);
  expect(facts(all)).toEqual({
    seeds: "2",
    "levels of pruning": "2",
    time: "<1 s",
    "dense net, test accuracy at early stop": "90.5%",
    "best ticket, at 50.0%": "92.5%",
    "sparsest level no worse than the dense net": "50.0%",
    "dense net, early-stop iteration": "10",
  });
  const rows = all.filter(({ name }) => name === "tr").map(({ children }) => children.map(({ text }) => text));
  expect(rows).toEqual([
    [
      "net",
      "level",
      "remaining",
      "seeds",
      "test accuracy at early stop",
      "test accuracy at the end",
      "early-stop iteration",
      "iterations to loss 0.35",
    ],
    ["dense net", "0", "100%", "2", "90.50% (90.00 to 91.00%)", "88.50% (88.00 to 89.00%)", "10", "never"],
    ["ticket", "1", "50.0%", "2", "92.50% (92.00 to 93.00%)", "90.50% (90.00 to 91.00%)", "10", "10"],
    ["ticket", "2", "10.0%", "2", "87.50% (87.00 to 88.00%)", "87.50% (87.00 to 88.00%)", "20", "never"],
    ["random reinitialisation", "2", "10.0%", "2", "30.50% (30.00 to 31.00%)", "20.00%", "20", "never"],
  ]);
});

test("the earliest ticket is named when it is earlier than the dense net", () => {
  const run = { early: 0.9, final: 0.9, loss: [2, 1, 1] } as const;
  const levels = [level(0, { ...run, kept: 100, step: 20 }), level(1, { ...run, kept: 50, step: 10 })];
  expect(facts(parsed(ticketReport(sweepResultsOf([{ seed: 0, levels }]))))).toMatchObject({
    "dense net, early-stop iteration": "20",
    "earliest ticket, at 50.0%": "10",
  });
});

test("the page carries its numbers as files", () => {
  const links = parsed(ticketReport(handResults)).filter(({ name }) => name === "a");
  const { summary, validationLoss, metricCurves } = ticketData(handResults);
  const carried = links.map(({ attributes }) => [
    attributes["download"],
    decodeURIComponent((attributes["href"] ?? "").replace(/^[^,]*,/, "")),
  ]);
  expect(carried).toEqual([
    ["summary.csv", toCsv(summary)],
    ["validation-loss.csv", toCsv(validationLoss)],
    ["test-accuracy.csv", toCsv(metricCurves)],
  ]);
  expect(metricCurves.every(({ statistic }) => statistic.n > 0)).toBe(true);
  expect(ticketReport(handResults, { downloads: false })).not.toContain("download=");
  // Plain data: nothing is lost on the way through JSON.
  const data = ticketData(handResults);
  expect(JSON.parse(JSON.stringify(data))).toEqual(data);
});

test("masks, weights and lines between nets", () => {
  const part = { loss: [1, 2, 1], error: [0.1, 0.2, 0.1], barrier: { loss: 1, error: 0.1 }, stable: false };
  const line = { alphas: [0, 0.5, 1], parts: { train: part, test: part }, stable: false };
  const [first] = tiny as [TicketReport];
  const all = parsed(
    ticketReport(sweepResultsOf(tiny), {
      tickets: first,
      inputLayer: { tensor: "W1", columns: 3 },
      levels: [1, 3],
      connectivity: [{ name: "k = 0", line }],
    }),
  );
  expect(titles(all)).toEqual([
    "Tickets and controls",
    "During training",
    "All numbers",
    "Masks of seed 1",
    "Which inputs are used",
    "Linear mode connectivity",
    "Numbers",
  ]);
  expect(facts(all)).toMatchObject({ "training iterations": "20", "rewound to iteration": "0" });
  const maps = all.filter(
    ({ name, attributes }) => name === "svg" && /^Inputs of W1/.test(attributes["aria-label"] ?? ""),
  );
  expect(maps.length).toBe(2);
  // Without the name of a layer there are densities only.
  const plain = ticketReport(sweepResultsOf(tiny), { tickets: first });
  expect(titles(parsed(plain))).toContain("Masks of seed 1");
  expect(plain).not.toContain("Which inputs");
});

test("a section for each of several experiments, and no text unescaped", () => {
  const hostile = "</script><b>'\"&";
  const two = [
    ...handResults,
    ...handResults
      .filter(({ job }) => job.kind === "tickets")
      .map(({ job, result }) => ({ job: { ...job, experiment: hostile }, result })),
  ];
  const page = ticketReport(two, {
    title: hostile,
    paragraphs: [hostile],
    names: { ticket: hostile },
    nets: ["ticket", "reinit"],
  });
  expect(titles(parsed(page))).toEqual([
    `${hostile}: Tickets and controls`,
    `${hostile}: During training`,
    `${hostile}: All numbers`,
    "main: Tickets and controls",
    "main: During training",
    "main: All numbers",
    "Numbers",
  ]);
  expect(page).not.toMatch(/<b>|<script|<link|https?:\/\/(?!www\.w3\.org\/2000\/svg")/);
});

test("equal results give equal pages", () => {
  expect(ticketReport(handResults.toReversed())).toBe(ticketReport(handResults));
});

test("bad input", () => {
  expect(codeOf(() => ticketReport(handResults, { inputLayer: { tensor: "W1" } }))).toBe("E_OPTION");
  expect(codeOf(() => ticketReport(handResults, { tickets: tiny[0] as TicketReport, levels: [9] }))).toBe("E_OPTION");
  expect(codeOf(() => ticketCharts(handResults, { nets: ["other"] }))).toBe("E_OPTION");
  parsed(ticketReport([]));
});
