/**
 * Markdown as `deno fmt` leaves it.
 *
 * @module
 */

/** A table with columns of equal width. */
export function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const rows = [head, ...body].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, column) => Math.max(3, ...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) => line(row.map((cell, column) => cell.padEnd(widths[column]!))));
  lines.splice(1, 0, line(widths.map((width) => "-".repeat(width))));
  return lines.join("");
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |\n`;
}

/** A block of code in this language. */
export function codeBlock(language: string, code: string): string {
  return `\`\`\`${language}\n${code}\`\`\`\n`;
}

/** Text as code, within a line. */
export function code(text: string): string {
  return `\`${text}\``;
}
