/**
 * Generated parts of a Markdown file: the text between `<!-- generated: <part> -->` and `<!-- end -->`.
 *
 * @module
 */
import { TaskError } from "../say.ts";

const PART = /^(<!-- generated: (.+?) -->\n)(.*?)^(<!-- end -->)$/gms;
const START = /^<!-- generated: .+ -->$/gm;

/** A file with its up-to-date parts. */
export interface FilledFile {
  readonly text: string;
  /** Names of the parts with other content in the file. */
  readonly stale: readonly string[];
}

/**
 * Fills in the parts of a file.
 *
 * @param makePart content of a part by its name, without blank lines around it
 * @throws {TaskError} if a part has no end
 */
export async function fillParts(
  path: string,
  text: string,
  makePart: (name: string) => string | Promise<string>,
): Promise<FilledFile> {
  const parts = [...text.matchAll(PART)];
  const starts = [...text.matchAll(START)];
  if (parts.length !== starts.length || parts.some(({ 3: body }) => body!.match(START))) {
    throw new TaskError(`${path}: a '<!-- generated: … -->' has no '<!-- end -->'`);
  }
  const stale: string[] = [];
  let filled = "";
  let from = 0;
  for (const { index, 0: whole, 1: start, 2: name, 4: end } of parts) {
    const part = `${start}\n${(await makePart(name!)).trimEnd()}\n\n${end}`;
    if (part !== whole) stale.push(name!);
    filled += text.slice(from, index) + part;
    from = index + whole.length;
  }
  return { text: filled + text.slice(from), stale };
}
