/**
 * Writes the copyrights and licences of all software inside the program: the output of `rafka --licenses`.
 *
 * @module
 */
import { type Component, plainWords, publicDomain } from "./component.ts";
import type { Components } from "./collect.ts";

const line = "-".repeat(80);

/** A table of all components, then the text of each. A repeated text is printed once. */
export function writeNotices({ rafka, inside }: Components): string {
  const all = [rafka, ...inside];
  const table = all.map((component) =>
    `  ${title(component).padEnd(26)} ${licenseName(component).padEnd(14)}${origin(component)}`
      .trimEnd()
  );
  return `\
Rafka ${rafka.version} and the software inside of it. What does not name a version is source code
that was copied into librdkafka. The texts of all licences are below, in this order.

${table.join("\n")}

${texts(all).join("\n")}`;
}

function title({ name, version }: Component): string {
  return version === undefined ? name : `${name} ${version}`;
}

function licenseName({ license }: Component): string {
  return license === publicDomain ? "Public domain" : license;
}

function origin({ within }: Component): string {
  return within === undefined ? "" : ` in ${within}`;
}

function texts([rafka, ...others]: Component[]): string[] {
  const seen = new Map<string, string>();
  return [rafka!, ...others].map((component) => {
    const own = withoutApache(component, rafka!);
    const words = plainWords(own);
    const first = seen.get(words);
    if (first === undefined) seen.set(words, component.name);
    const text = first === undefined ? own.replaceAll(/[ \t]+$/gm, "") : `As of ${first}, above.`;
    return `${line}\n${title(component)}: ${licenseName(component)}\n${line}\n\n${
      trimLines(text)
    }\n`;
  });
}

/** The longest text is Rafka's own licence, too: of another such text only the rest is printed. */
function withoutApache(component: Component, rafka: Component): string {
  if (component === rafka || component.license !== rafka.license) return component.text;
  const start = component.text.search(/^\s*Apache License$/m);
  const preamble = start < 0 ? component.text : component.text.slice(0, start);
  const complete = start < 0 || plainWords(component.text.slice(start)) === plainWords(rafka.text);
  if (!complete) return component.text;
  return `${preamble.trimEnd()}\n\nThe text of ${component.license} is that of ${rafka.name}, above.`;
}

function trimLines(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(/^\s*\n/, "").trimEnd();
}
