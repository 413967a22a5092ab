const EXCERPT = 60;

/** A text in quotes for a message, shortened: names in a hostile file may be as long as the file. */
export function quote(text: string): string {
  return text.length <= EXCERPT ? JSON.stringify(text) : `${JSON.stringify(text.slice(0, EXCERPT))}…`;
}
