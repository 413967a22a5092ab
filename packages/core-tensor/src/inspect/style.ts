/** How parts of a text are set apart: by escape sequences on a terminal, not at all elsewhere. */
export interface Style {
  title(text: string): string;
  faint(text: string): string;
  alarm(text: string): string;
}

const ESCAPE = "\u001b[";
const sequence =
  (code: number) =>
  (text: string): string =>
    `${ESCAPE}${code}m${text}${ESCAPE}0m`;
const plain = (text: string): string => text;

/** Bold, grey and red, or nothing. */
export function styleFor(color: boolean): Style {
  return color
    ? { title: sequence(1), faint: sequence(90), alarm: sequence(31) }
    : { title: plain, faint: plain, alarm: plain };
}
