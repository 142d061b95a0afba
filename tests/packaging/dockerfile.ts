/**
 * Carries out a Dockerfile without Docker: as a shell script of mounts, copies and chroots. Knows the instructions
 * that ours has, and refuses any other.
 *
 * @see https://docs.docker.com/reference/dockerfile/
 * @module
 */

/** One instruction: its name, its `--options`, and the rest as it stands. */
export interface Instruction {
  readonly name: string;
  readonly options: readonly string[];
  readonly value: string;
}

/** From one FROM to the next. */
export interface Stage {
  readonly image: string;
  /** After AS; else its number. */
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

/** Reads a Dockerfile. */
export function parseDockerfile(text: string): Stage[] {
  const lines = text.replaceAll(/^\s*#.*\n/gm, "").replaceAll("\\\n", " ").split("\n");
  const stages: { image: string; name: string; instructions: Instruction[] }[] = [];
  for (const line of lines.filter((line) => line.trim() !== "")) {
    const [, name, options, value] = /^(\w+)((?:\s+--\S+)*)\s+(.*)$/.exec(line)!;
    if (name === "FROM") {
      const [image, alias = String(stages.length)] = value!.split(/\s+AS\s+/);
      stages.push({ image: image!, name: alias, instructions: [] });
    } else {
      const given = options!.trim().split(/\s+/).filter(Boolean);
      stages.at(-1)!.instructions.push({ name: name!, options: given, value: value!.trim() });
    }
  }
  return stages;
}

/** The value of the last instruction of this name. */
export function lastValue(stage: Stage, name: string): string | undefined {
  return stage.instructions.findLast((instruction) => instruction.name === name)?.value;
}

/** What takes the place of the outside world. */
export interface Surroundings {
  /** The folder with the Dockerfile. */
  readonly context: string;
  /** An empty folder, for everything. */
  readonly work: string;
  /** For each image that a FROM names, a folder with its files. */
  readonly images: Readonly<Record<string, string>>;
  /** Files of this machine that RUN sees, by path there. */
  readonly files: Readonly<Record<string, string>>;
  /** Environment of each RUN. */
  readonly env: Readonly<Record<string, string>>;
}

/** A script that makes all stages; that of the last one is in `rootOf(work, last stage)` while the script runs. */
export function buildScript(stages: readonly Stage[], surroundings: Surroundings): string {
  return ["set -eux", ...stages.flatMap((stage) => stageScript(stage, surroundings))].join("\n");
}

/** Where a stage's files are. */
export function rootOf({ work }: Surroundings, stage: Stage): string {
  return `${work}/${stage.name}/root`;
}

function stageScript(stage: Stage, surroundings: Surroundings): string[] {
  const folder = `${surroundings.work}/${stage.name}`;
  const image = surroundings.images[stage.image];
  if (image === undefined) throw new Error(`There is nothing for FROM ${stage.image}`);
  let workdir = "/";
  const lines = [
    `mkdir -p ${folder}/upper ${folder}/overlay ${folder}/root`,
    `mount -t overlay overlay -o lowerdir=${image},upperdir=${folder}/upper,workdir=${folder}/overlay ${folder}/root`,
  ];
  for (const { name, options, value } of stage.instructions) {
    if (name === "WORKDIR") {
      workdir = value;
      lines.push(`mkdir -p ${folder}/root${workdir}`);
    } else if (name === "RUN") {
      lines.push(...runScript(`${folder}/root`, workdir, value, surroundings));
    } else if (name === "COPY") {
      lines.push(...copyScript(`${folder}/root`, workdir, options, value, surroundings));
    } else if (!["USER", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT"].includes(name)) {
      throw new Error(`${name} is not known here`);
    }
  }
  return lines;
}

function runScript(
  root: string,
  workdir: string,
  command: string,
  { files, env }: Surroundings,
): string[] {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`).join(" ");
  const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  const mounts = Object.entries({ "/proc": "/proc", "/dev": "/dev", ...files });
  return [
    ...mounts.flatMap(([at, from]) => [
      `[ -d ${from} ] || touch ${root}${at}`,
      `mount --rbind ${from} ${root}${at}`,
    ]),
    `chroot ${root} /usr/bin/env -i HOME=/root PATH=${path} ${variables} sh -c ` +
    quoted(`cd ${workdir} && ${command}`),
    ...mounts.map(([at]) => `umount --recursive --lazy ${root}${at}`),
  ];
}

/** Into a folder if the target says so; of a folder its content. What .dockerignore names is not there. */
function copyScript(
  root: string,
  workdir: string,
  options: readonly string[],
  value: string,
  { context, work }: Surroundings,
): string[] {
  const paths = value.split(/\s+/);
  const last = paths.pop()!;
  const target = root + (last.startsWith("/") ? last : `${workdir}/${last}`);
  const stage = options.find((option) => option.startsWith("--from="))?.slice("--from=".length);
  const source = stage === undefined ? `${work}/context` : `${work}/${stage}/root`;
  const fill = stage === undefined
    ? [
      `sed 's|^|./|' ${context}/.dockerignore >${work}/ignored`, // names there are those of the top
      `[ -d ${work}/context ] || { mkdir ${work}/context && tar -C ${context} --anchored ` +
      `--exclude-from=${work}/ignored -cf - . | tar -C ${work}/context -xf -; }`,
    ]
    : [];
  return [
    ...fill,
    `mkdir -p $(dirname ${target}.)`,
    ...paths.map((path) =>
      `if [ -d ${source}/${path} ]; then mkdir -p ${target} && cp -a ${source}/${path}/. ${target}; ` +
      `else cp -L ${source}/${path} ${target}; fi`
    ),
  ];
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
