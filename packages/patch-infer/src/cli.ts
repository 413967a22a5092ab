#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { CoreTensorError, UnsupportedError } from "@parsimony/core-tensor";
import { PatchInferError } from "./base/errors.ts";
import { UsageError, parseCommand, usage } from "./cli/arguments.ts";
import { exitCodes, runPlan } from "./cli/runPlan.ts";
import { printable } from "./report/text.ts";

/** Runs the command; gives the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const command = parseCommand(args);
  if (command.run === "help") return print(usage);
  if (command.run === "version") return print(`${version()}\n`);
  try {
    return await runPlan(command, { print, complain });
  } catch (error) {
    if (error instanceof UsageError) throw error;
    complain(`${command.file}: ${messageOf(error, command.file)}`);
    return exitCodes.file;
  }
}

function print(text: string): number {
  process.stdout.write(text);
  return exitCodes.fine;
}

/** Texts from files may be in a message, so it is made fit for a terminal. */
function complain(message: string): void {
  process.stderr.write(`patch-infer: ${message.split("\n").map(printable).join("\n")}\n`);
}

function version(): string {
  const file = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(file) as { version: string }).version;
}

/** The system's errors name the call and the path, which the user knows. */
const systemErrors: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EACCES: "no permission",
  EISDIR: "expected a file, got a folder",
  EEXIST: "a file stands where a folder should be",
  ENOTDIR: "a file stands where a folder should be",
  ENOSPC: "no space left",
};

function messageOf(error: unknown, file?: string): string {
  if (error instanceof UnsupportedError) return `not supported: ${error.reasons.join("; ")}`;
  if (error instanceof PatchInferError || error instanceof CoreTensorError) return error.message;
  const { code, path, message } = error as { code?: unknown; path?: unknown; message?: unknown };
  const known = typeof code === "string" ? systemErrors[code] : undefined;
  if (known !== undefined) return typeof path === "string" && path !== file ? `${known}: ${path}` : known;
  return typeof message === "string" ? message : String(error);
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
    process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.file;
    if (error instanceof UsageError) process.stderr.write("patch-infer --help says more\n");
  },
);
