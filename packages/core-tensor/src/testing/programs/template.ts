import type { OpName } from "../../ops/vocabulary.ts";
import type { ProgramWriter } from "./writer.ts";

/** Adds one step with this op to a program; throws Inapplicable when nothing fits. May add steps that prepare its inputs. */
export type Template = (writer: ProgramWriter) => void;

/** A template for each op of a family. */
export type TemplateTable<Names extends OpName> = { readonly [Name in Names]: Template };
