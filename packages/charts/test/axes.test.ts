import { expect, test } from "vitest";
import { checkedChart, textsOf } from "../../../scripts/vitest/svg.ts";
import { axisScale, bandAxis, shareScale, xAxis } from "../src/axes.ts";
import { chart, frameOf } from "../src/frame.ts";
import { lineChart } from "../src/lineChart.ts";

const frame = frameOf({});
const printed = (scale: ReturnType<typeof axisScale>): string[] => scale.ticks.map((tick) => scale.print(tick));

test("ticks are round numbers", () => {
  expect(printed(axisScale("t", {}, [0.013, 0.048], [0, 1]))).toEqual(["0.01", "0.02", "0.03", "0.04", "0.05"]);
  expect(printed(axisScale("t", { scale: "log" }, [0.02, 3], [0, 1]))).toEqual([
    "0.02",
    "0.05",
    "0.1",
    "0.2",
    "0.5",
    "1",
    "2",
    "5",
  ]);
  expect(printed(axisScale("t", { format: "percent" }, [0.903, 0.981], [0, 1]))).toEqual([
    "90%",
    "92%",
    "94%",
    "96%",
    "98%",
    "100%",
  ]);
  expect(printed(axisScale("t", { format: "percent", scale: "log" }, [0.004, 0.02], [0, 1]))).toEqual([
    "0.2%",
    "0.5%",
    "1%",
    "2%",
  ]);
});

test("ticks of one's own, and a format of one's own", () => {
  const ticks = [1, 0.21072, 0.0358, 1e-9];
  expect(printed(axisScale("t", { format: "percent", scale: "log", ticks }, [0.03, 1], [0, 1]))).toEqual([
    "100%",
    "21.1%",
    "3.58%",
  ]);
  expect(printed(axisScale("t", { ticks: [0, 1234, 0.25] }, [0, 2000], [0, 1]))).toEqual(["0", "1\u202f230", "0.25"]);
  expect(printed(axisScale("t", { format: (x) => `<${x}>` }, [0, 2], [0, 1], 2))).toEqual(["<0>", "<1>", "<2>"]);
});

test("ends of one's own, with what lies beyond at the edge", () => {
  const scale = axisScale("t", { from: 0, to: 1 }, [-5, 9], [0, 100]);
  expect([scale.low, scale.high, scale.at(-5), scale.at(0.5), scale.at(9)]).toEqual([0, 1, 0, 50, 100]);
  // An end above all data leaves an axis, not a crash.
  expect(axisScale("t", { from: 5, scale: "log" }, [1, 2], [0, 1]).low).toBe(5);
});

test("a reversed axis is the same axis from the other side", () => {
  const [there, back] = [{}, { reversed: true }].map((axis) => axisScale("t", axis, [0, 10], [0, 100]));
  expect([0, 3, 10].map((x) => back?.at(x))).toEqual([100, 70, 0]);
  expect([0, 3, 10].map((x) => there?.at(x))).toEqual([0, 30, 100]);
});

test("numbers that would run into each other are left out, their ticks are not", () => {
  const scale = axisScale("t", { ticks: [0, 0.01, 0.5, 1] }, [0, 1], [frame.left, frame.right]);
  const all = checkedChart(chart(frame, { title: "t", description: "" }, xAxis(frame, scale, "x")));
  expect(textsOf(all)).toEqual(["t", "0", "0.5", "1", "x"]);
  expect(all.filter(({ attributes }) => attributes["class"] === "pc-axis").length).toBe(1 + 4);
  const reversed = lineChart([{ x: [0, 1], y: [0, 1] }], { x: { ticks: [0, 0.01, 1], reversed: true } });
  expect(textsOf(checkedChart(reversed))).toEqual(expect.arrayContaining(["1", "0.01"]));
});

test("names on an axis", () => {
  const { axis, at, step } = bandAxis(frame, ["a", "b"], "letter");
  expect([at(0), at(1), step]).toEqual([187.5, 422.5, 235]);
  expect(axis).toContain(">a</text>");
});

test("an axis of shares ends at 100 %", () => {
  expect([shareScale(frame, 0.83).low, shareScale(frame, 0.83).high]).toEqual([0.8, 1]);
  expect(shareScale(frame, 1).high).toBe(1);
});
