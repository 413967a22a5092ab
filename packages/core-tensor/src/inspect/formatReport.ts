import { type FormatSummaryOptions, formatSummary } from "./formatSummary.ts";
import type { ListedValue } from "./listing.ts";
import { type Report, type TensorsReport, type UnsupportedReport, typeOf } from "./report.ts";
import { type Style, styleFor } from "./style.ts";
import { formatTable } from "./table.ts";
import { formatBytes, formatCount, printable, shorten } from "./units.ts";

const LONGEST_TEXT = 60;

/** A report as text; the options are those of a summary. */
export function formatReport(report: Report, options: FormatSummaryOptions = {}): string {
  const style = styleFor(options.color ?? false);
  const head = [
    style.title(`${printable(report.file)} (${report.format}, ${formatBytes(report.bytes)})`),
    ...Object.entries(report.metadata).map(([key, value]) => `${shown(key)}: ${shown(value)}`),
    "",
  ];
  return [...head, ...body(report, options, style)].join("\n");
}

function body(report: Report, options: FormatSummaryOptions, style: Style): string[] {
  switch (report.kind) {
    case "program":
      return [formatSummary(report.summary, options)];
    case "unsupported":
      return unsupportedLines(report, style);
    case "tensors":
      return tensorLines(report, style);
  }
}

function unsupportedLines({ model, reasons }: UnsupportedReport, style: Style): string[] {
  const { inputs, outputs, operators, parameters, parameterBytes } = model;
  const [head = "", ...rows] = formatTable(
    [
      { title: "operator", align: "left", most: LONGEST_TEXT },
      { title: "nodes", align: "right" },
    ],
    operators.map(({ name, count }) => [printable(name), String(count)]),
  );
  return [
    ...valueLines("inputs", inputs, style),
    ...valueLines("outputs", outputs, style),
    "",
    style.title(head),
    ...rows,
    "",
    `${style.title("parameters".padEnd(13))}${formatCount(parameters)} (${formatBytes(parameterBytes)})`,
    "",
    style.alarm(`not supported (${reasons.length})`),
    ...reasons.map((reason) => `  - ${printable(reason)}`),
  ];
}

function valueLines(heading: string, values: readonly ListedValue[], style: Style): string[] {
  if (values.length === 0) return [`${style.title(heading.padEnd(9))}none`];
  return values.map(({ name, type }, i) => {
    const label = i === 0 ? style.title(heading.padEnd(9)) : " ".repeat(9);
    return `${label}${printable(name)}: ${printable(type)}`;
  });
}

function tensorLines({ tensors }: TensorsReport, style: Style): string[] {
  const [head = "", ...rows] = formatTable(
    [
      { title: "tensor", align: "left" },
      { title: "type", align: "left" },
      { title: "bytes", align: "right" },
    ],
    tensors.map((tensor) => [printable(tensor.name), typeOf(tensor), formatBytes(tensor.bytes)]),
  );
  const elements = tensors.reduce((sum, { shape }) => sum + shape.reduce((size, dim) => size * dim, 1), 0);
  const bytes = tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
  return [
    style.title(head),
    ...rows,
    "",
    `${tensors.length} ${tensors.length === 1 ? "tensor" : "tensors"}, ${formatCount(elements)} elements, ${formatBytes(bytes)}`,
  ];
}

function shown(text: string): string {
  return shorten(printable(text), LONGEST_TEXT);
}
