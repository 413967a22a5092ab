#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { UsageError, parseCommand, usage } from "./cli/arguments.ts";
import { readReport } from "./cli/readReport.ts";
import { formatReport } from "./inspect/formatReport.ts";
import { printable } from "./inspect/units.ts";

/** Runs the command; gives the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const command = parseCommand(args);
  if (command.run === "help") return print(usage);
  if (command.run === "version") return print(`${version()}\n`);
  try {
    const report = await readReport(command);
    if (command.json) print(`${JSON.stringify(report, null, 2)}\n`);
    else print(`${formatReport(report, { ...terminal(command.color), layers: command.layers })}\n`);
    if (report.kind !== "unsupported") return 0;
    const count = report.reasons.length;
    complain(`${command.file}: cannot be read as a program (${count} ${count === 1 ? "reason" : "reasons"})`);
    return 1;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    complain(`${command.file}: ${messageOf(error)}`);
    return 1;
  }
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

/** Texts from files may be in a message, so it is made fit for a terminal. */
function complain(message: string): void {
  process.stderr.write(`core-tensor: ${message.split("\n").map(printable).join("\n")}\n`);
}

function terminal(wanted: boolean): { width: number; color: boolean } {
  const { NO_COLOR = "", TERM = "", COLUMNS = "" } = process.env;
  const color = wanted && NO_COLOR === "" && TERM !== "dumb" && process.stdout.isTTY === true;
  return { width: process.stdout.columns ?? (Number(COLUMNS) || 100), color };
}

function version(): string {
  const file = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(file) as { version: string }).version;
}

/** The system's errors name the call and the path, which the user knows. */
const systemErrors: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EACCES: "no permission to read it",
  EISDIR: "expected a file, got a folder",
};

function messageOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  const known = typeof code === "string" ? systemErrors[code] : undefined;
  return known ?? (error instanceof Error ? error.message : String(error));
}

// Whoever reads the output may stop early: `… | head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

// The exit code is set and the process left to end by itself, so that everything is written first.
main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    complain(messageOf(error));
    process.exitCode = error instanceof UsageError ? 2 : 1;
    if (error instanceof UsageError) process.stderr.write("core-tensor --help says more\n");
  },
);
