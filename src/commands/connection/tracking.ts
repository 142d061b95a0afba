/**
 * CLIENT TRACKING and its companions, for clients with a cache.
 *
 * @see https://redis.io/docs/latest/commands/client-tracking/
 * @module
 */

import { array, bulk, integer, OK, record, type Reply, set } from "../../resp/reply.ts";
import * as arg from "../core/arguments.ts";
import { type Argument, shown, toText } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { OptionCursor } from "../core/options.ts";
import { visibleClients } from "../core/visibility.ts";
import { Tracking, type TrackingOptions } from "../core/tracking_state.ts";

/** The most prefixes of a client, and bytes of a prefix: each connection keeps its own. */
const MAX_PREFIXES = 64;
const MAX_PREFIX_BYTES = 512;

const TRACKING: Command = command({
  name: "CLIENT TRACKING",
  arity: -3,
  arguments: [
    arg.oneOf([arg.pureToken("ON"), arg.pureToken("OFF")]),
    arg.block([arg.string("prefix", { multiple: true, repetition: "[PREFIX prefix ...]" })], {
      token: "PREFIX",
      optional: true,
    }),
    arg.pureToken("BCAST", { optional: true }),
    arg.pureToken("OPTIN", { optional: true }),
    arg.pureToken("OPTOUT", { optional: true }),
    arg.pureToken("NOLOOP", { optional: true }),
  ],
  summary:
    "For clients that cache: every key is invalidated right after it is read, so that no cache is stale",
  since: "0.2.0",
  group: "connection",
  flags: [],
  run(context, [mode, ...args]): Reply {
    const options = parseTrackingOptions(context, new OptionCursor(args));
    const { client } = context;
    if (new OptionCursor([mode!]).oneOf("ON", "OFF") === "ON") {
      requireCompatible(client.tracking?.options, options);
      client.tracking = new Tracking(options);
    } else client.tracking = undefined;
    return OK;
  },
});

const CACHING: Command = command({
  name: "CLIENT CACHING",
  arity: 3,
  arguments: [arg.oneOf([arg.pureToken("YES"), arg.pureToken("NO")])],
  summary: "Sets whether the keys of the next command are tracked",
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
    const answer = new OptionCursor(args).oneOf("YES", "NO");
    const mode = answer === "YES" ? "OPTIN" : "OPTOUT";
    if (!(mode === "OPTIN" ? tracking.options.optIn : tracking.options.optOut)) {
      throw new CommandError(
        "ERR",
        `CLIENT CACHING ${answer} is only valid when tracking is enabled in ${mode} mode.`,
      );
    }
    tracking.caching = true;
    return OK;
  },
});

const GETREDIR: Command = command({
  name: "CLIENT GETREDIR",
  arity: 2,
  summary: "Returns 0 while CLIENT TRACKING is on, else -1",
  since: "0.5.0",
  group: "connection",
  flags: [],
  run: ({ client: { tracking } }) => integer(tracking ? 0 : -1),
});

const TRACKINGINFO: Command = command({
  name: "CLIENT TRACKINGINFO",
  arity: 2,
  summary: "Returns the options of CLIENT TRACKING",
  since: "0.5.0",
  group: "connection",
  flags: [],
  run: ({ client: { tracking } }) =>
    record({
      flags: set(trackingFlags(tracking).map(bulk)),
      redirect: integer(tracking ? 0 : -1),
      prefixes: array((tracking?.options.prefixes ?? []).map(bulk)),
    }),
});

/** CLIENT TRACKING, CACHING, GETREDIR, TRACKINGINFO */
export const trackingCommands: readonly Command[] = [TRACKING, CACHING, GETREDIR, TRACKINGINFO];

function parseTrackingOptions(context: Context, args: OptionCursor): TrackingOptions {
  const given = new Set<string>();
  const prefixes: string[] = [];
  while (args.more) {
    if (args.take("PREFIX", 1)) prefixes.push(parsePrefix(args.value()));
    else if (args.take("REDIRECT", 1)) refuseRedirect(context, args.integer());
    else given.add(args.oneOf("BCAST", "OPTIN", "OPTOUT", "NOLOOP"));
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

function parsePrefix(argument: Argument): string {
  if (argument.byteLength <= MAX_PREFIX_BYTES) return toText(argument);
  throw new CommandError(
    "ERR",
    `prefix has ${argument.byteLength} bytes, at most ${MAX_PREFIX_BYTES} are allowed`,
  );
}

/** Invalidations are sent to the connection itself only. */
function refuseRedirect(context: Context, id: number): void {
  if (!visibleClients(context).some(({ connectionId }) => connectionId === id)) {
    throw new CommandError("ERR", "The client ID you want redirect to does not exist");
  }
  throw new CommandError(
    "ERR",
    "REDIRECT is not possible: invalidations are pushed to the connection itself. Use RESP3",
  );
}

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
