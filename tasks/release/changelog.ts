/**
 * The changelog, for releases: `## <version> - <date>` begins the section of a version, newest first; above them,
 * `## Unreleased` holds the next one's changes. Works on text; deno.json holds the version.
 *
 * @module
 */
import { TaskError } from "../say.ts";

const unreleased = "Unreleased";

interface Section {
  readonly heading: string;
  /** Of a released version. */
  readonly version: string | undefined;
  readonly body: string;
}

/** The section of a version; it must be the newest, with nothing unreleased above. */
export function releaseNotes(changelog: string, version: string): string {
  const [top, next] = readSections(changelog);
  if (top?.heading === unreleased && top.body !== "") {
    throw new TaskError(
      next?.version === version
        ? `CHANGELOG.md has changes under '## ${unreleased}' above ${version}: raise the version in deno.json`
        : howToCut(version),
    );
  }
  const newest = top?.heading === unreleased ? next : top;
  if (newest?.version === undefined) throw new TaskError(howToCut(version));
  if (newest.version !== version) {
    throw new TaskError(
      `deno.json says version ${version}, but the newest in CHANGELOG.md is ${newest.version}`,
    );
  }
  if (newest.body === "") throw new TaskError(`CHANGELOG.md says nothing about ${version}`);
  return `${newest.body}\n`;
}

/** Makes `## Unreleased` the section of this version. */
export function cutRelease(changelog: string, version: string, date: string): string {
  const [top, newest] = readSections(changelog);
  if (top?.heading !== unreleased || top.body === "") {
    throw new TaskError(`CHANGELOG.md has nothing under '## ${unreleased}' to release`);
  }
  if (newest?.version !== undefined && !isNewer(version, newest.version)) {
    throw new TaskError(
      `Version ${newest.version} is released already: raise the version in deno.json (${version})`,
    );
  }
  return changelog.replace(`## ${unreleased}\n`, `## ${version} - ${date}\n`);
}

function howToCut(version: string): string {
  return `CHANGELOG.md has no section '## ${version} - <YYYY-MM-DD>': ` +
    `'deno task release --cut' makes '## ${unreleased}' that section`;
}

function readSections(changelog: string): Section[] {
  return changelog.split(/^## /m).slice(1).map((text) => {
    const [heading = "", ...lines] = text.split("\n");
    return { heading, version: readVersion(heading), body: lines.join("\n").trim() };
  });
}

function readVersion(heading: string): string | undefined {
  if (heading === unreleased) return undefined;
  const [, version, date] = /^(\d+\.\d+\.\d+\S*) - (\d{4}-\d{2}-\d{2})$/.exec(heading) ?? [];
  if (version === undefined || !isDate(date!)) {
    throw new TaskError(
      `CHANGELOG.md: '## ${heading}' is neither '## ${unreleased}' nor '## <version> - <YYYY-MM-DD>'`,
    );
  }
  return version;
}

function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** A version with a suffix (`1.0.0-rc.1`) precedes the one without. */
function isNewer(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => {
    const [numbers, suffix] = text.split(/-(.*)/);
    return { numbers: numbers!.split(".").map(Number), suffix };
  });
  const difference = a!.numbers.map((number, i) => number - b!.numbers[i]!).find(Boolean);
  if (difference !== undefined) return difference > 0;
  if (a!.suffix === undefined || b!.suffix === undefined) {
    return a!.suffix === undefined && b!.suffix !== undefined;
  }
  return a!.suffix.localeCompare(b!.suffix, "en", { numeric: true }) > 0;
}
