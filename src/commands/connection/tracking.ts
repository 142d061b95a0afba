/**
 * CLIENT TRACKING and what belongs to it, for clients that cache what they have read.
 *
 * @see https://redis.io/docs/latest/commands/client-tracking/
 * @module
 */

import { array, bulk, integer, OK, record, type Reply, set } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import { parseInteger, shown, toText } from "../core/args.ts";
import type { Command } from "../core/command.ts";
import { CommandError, syntaxError } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { Tracking, type TrackingOptions } from "../core/tracking_state.ts";

/** Prefixes of one client, and the characters of one: each connection keeps its own. */
const MAX_PREFIXES = 64;
const MAX_PREFIX_BYTES = 512;

const TRACKING: Command = {
  name: "CLIENT TRACKING",
  arity: -3,
  usage:
    "CLIENT TRACKING <ON | OFF> [PREFIX prefix [PREFIX prefix ...]] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]",
  summary: "For clients that cache: a key that was read is called invalid at once, so that " +
    "nothing in a cache is out of date",
  since: "0.2.0",
  group: "connection",
  flags: [],
  run(context, [mode, ...words]): Reply {
    const options = parseTrackingOptions(context, words);
    const { client } = context;
    switch (toText(mode!).toUpperCase()) {
      case "ON":
        requireCompatible(client.tracking?.options, options);
        client.tracking = new Tracking(options);
        return OK;
      case "OFF":
        client.tracking = undefined;
        return OK;
      default:
        throw syntaxError();
    }
  },
};

const CACHING: Command = {
  name: "CLIENT CACHING",
  arity: 3,
  usage: "CLIENT CACHING <YES | NO>",
  summary: "Whether the client caches what the next command reads",
  since: "0.5.0",
  group: "connection",
  flags: [],
  run({ client: { tracking } }, args): Reply {
    if (!tracking) {
      throw new CommandError(
        "ERR",
        "CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled",
      );
    }
    const answer = toText(args[0]!).toUpperCase();
    const mode = answer === "YES" ? "OPTIN" : answer === "NO" ? "OPTOUT" : undefined;
    if (mode === undefined) throw syntaxError();
    if (!(mode === "OPTIN" ? tracking.options.optIn : tracking.options.optOut)) {
      throw new CommandError(
        "ERR",
        `CLIENT CACHING ${answer} is only valid when tracking is enabled in ${mode} mode.`,
      );
    }
    tracking.caching = true;
    return OK;
  },
};

const GETREDIR: Command = {
  name: "CLIENT GETREDIR",
  arity: 2,
  usage: "CLIENT GETREDIR",
  summary: "0 while CLIENT TRACKING is on, else -1",
  since: "0.5.0",
  group: "connection",
  flags: [],
  run: ({ client: { tracking } }) => integer(tracking ? 0 : -1),
};

const TRACKINGINFO: Command = {
  name: "CLIENT TRACKINGINFO",
  arity: 2,
  usage: "CLIENT TRACKINGINFO",
  summary: "What CLIENT TRACKING was asked for",
  since: "0.5.0",
  group: "connection",
  flags: [],
  run: ({ client: { tracking } }) =>
    record({
      flags: set(trackingFlags(tracking).map(bulk)),
      redirect: integer(tracking ? 0 : -1),
      prefixes: array((tracking?.options.prefixes ?? []).map(bulk)),
    }),
};

/** CLIENT TRACKING, CACHING, GETREDIR, TRACKINGINFO */
export const trackingCommands: readonly Command[] = [TRACKING, CACHING, GETREDIR, TRACKINGINFO];

function parseTrackingOptions(context: Context, words: Request): TrackingOptions {
  const given = new Set<string>();
  const prefixes: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const option = toText(words[at]!).toUpperCase();
    const value = words[at + 1];
    if (["BCAST", "OPTIN", "OPTOUT", "NOLOOP"].includes(option)) given.add(option);
    else if (option === "PREFIX" && value) prefixes.push(parsePrefix(words[++at]!));
    else if (option === "REDIRECT" && value) refuseRedirect(context, words[++at]!);
    else throw syntaxError();
  }
  if (prefixes.length > MAX_PREFIXES) {
    throw new CommandError(
      "ERR",
      `at most ${MAX_PREFIXES} prefixes are allowed, got ${prefixes.length}`,
    );
  }
  const broadcast = given.has("BCAST");
  return {
    broadcast,
    optIn: given.has("OPTIN"),
    optOut: given.has("OPTOUT"),
    noLoop: given.has("NOLOOP"),
    prefixes: broadcast && prefixes.length === 0 ? [""] : prefixes,
  };
}

function parsePrefix(word: Request[number]): string {
  if (word.byteLength <= MAX_PREFIX_BYTES) return toText(word);
  throw new CommandError(
    "ERR",
    `prefix has ${word.byteLength} bytes, at most ${MAX_PREFIX_BYTES} are allowed`,
  );
}

/** Who is redirected to would have to subscribe. */
function refuseRedirect({ gateway }: Context, word: Request[number]): void {
  const id = parseInteger(word);
  if (!gateway.clientList.some(({ connectionId }) => connectionId === id)) {
    throw new CommandError("ERR", "The client ID you want redirect to does not exist");
  }
  throw new CommandError("ERR", "REDIRECT is not possible: there is no SUBSCRIBE. Use RESP3");
}

/** In Redis' words. */
function requireCompatible(before: TrackingOptions | undefined, wanted: TrackingOptions): void {
  const { broadcast, optIn, optOut, prefixes } = wanted;
  const refuse = (why: string): CommandError => new CommandError("ERR", why);
  if (prefixes.length > 0 && !broadcast) {
    throw refuse("PREFIX option requires BCAST mode to be enabled");
  }
  if (before && before.broadcast !== broadcast) throw refuse(cannotSwitch("BCAST mode on/off"));
  if (broadcast && (optIn || optOut)) {
    throw refuse("OPTIN and OPTOUT are not compatible with BCAST");
  }
  if (optIn && optOut) throw refuse("You can't specify both OPTIN mode and OPTOUT mode");
  if (before && (optIn && before.optOut || optOut && before.optIn)) {
    throw refuse(cannotSwitch("OPTIN/OPTOUT mode"));
  }
  for (const [at, prefix] of prefixes.entries()) {
    const other = prefixes.slice(at + 1)
      .find((one) => one.startsWith(prefix) || prefix.startsWith(one));
    if (other === undefined) continue;
    throw refuse(
      `Prefix '${shown(prefix)}' overlaps with another provided prefix '${shown(other)}'. ` +
        "Prefixes for a single client must not overlap.",
    );
  }
}

function cannotSwitch(what: string): string {
  return `You can't switch ${what} before disabling tracking for this client, ` +
    "and then re-enabling it with a different mode.";
}

function trackingFlags(tracking: Tracking | undefined): string[] {
  if (!tracking) return ["off"];
  const { options: { broadcast, optIn, optOut, noLoop }, caching } = tracking;
  return [
    "on",
    ...(broadcast ? ["bcast"] : []),
    ...(optIn ? ["optin"] : []),
    ...(optIn && caching ? ["caching-yes"] : []),
    ...(optOut ? ["optout"] : []),
    ...(optOut && caching ? ["caching-no"] : []),
    ...(noLoop ? ["noloop"] : []),
  ];
}
