/**
 * The users of the configuration: `server.users`, or the file that `server.aclFile` names.
 *
 * @module
 */

import type { User } from "../auth/user.ts";
import { DEFAULT_USER, UserError, type UserLines, UserRegistry } from "../auth/user_registry.ts";
import { rightCatalog } from "../commands/registry.ts";
import type { Config } from "../config/load.ts";
import { isLoopback } from "../config/listen_host.ts";
import { readNamedFile } from "../config/source.ts";
import { haveLogin } from "../kafka/client/login_settings.ts";

/** Reads the ACL file; undefined when the configuration names none. */
export function aclFileReader({ server: { aclFile } }: Config): (() => UserLines) | undefined {
  if (aclFile === "") return undefined;
  return () => ({ source: aclFile, lines: readNamedFile(aclFile).split("\n") });
}

/**
 * The users of a configuration; without any, everybody may do everything.
 *
 * @throws {UserError} naming each line that is wrong
 * @throws {ConfigError} when the ACL file cannot be read
 */
export function configuredUsers(config: Config): UserRegistry {
  const registry = new UserRegistry(rightCatalog, (users) => anonymousLogin(config, users));
  const readFile = aclFileReader(config);
  const { users } = config;
  if (readFile && users.length > 0) {
    throw new UserError(["'server.users' and 'server.aclFile': give one of them"]);
  }
  if (readFile) registry.replace([readFile()]);
  else if (users.length > 0) registry.replace([{ source: "server.users", lines: users }]);
  return registry;
}

/** Why the users cannot be used, a line for each problem. */
export function userProblems(config: Config): string[] {
  try {
    const registry = configuredUsers(config);
    return (["userLimits", "userKafka"] as const).flatMap((key) =>
      Object.keys(config.server[key]).filter((name) => !registry.get(name))
        .map((name) => `'server.${key}.${name}': there is no such user`)
    );
  } catch (error) {
    if (error instanceof UserError) return [...error.problems];
    return [`'server.aclFile': ${(error as Error).message}`];
  }
}

/** Whether clients without a name would get the gateway's login to Kafka, and nothing says that they may. */
function anonymousLogin(config: Config, users: ReadonlyMap<string, User>): string[] {
  if (!users.get(DEFAULT_USER)?.needsNoLogin) return [];
  if (Object.hasOwn(config.userKafka, DEFAULT_USER) || !hasLogin(config)) return [];
  return [
    "'server.userKafka.default' is missing: the default user needs no password, and would act with the gateway's own " +
    "login to Kafka. {} there allows that, settings are a login of its own",
  ];
}

function hasLogin({ consumer, producer }: Config): boolean {
  return haveLogin(consumer) || haveLogin(producer);
}

/** What a configuration without users means for clients, loud enough that nobody misses it. */
export function accessWarnings(config: Config): string[] {
  const { users, server: { host, aclFile, protectedMode } } = config;
  if (users.length > 0 || aclFile !== "" || isLoopback(host)) return [];
  if (!protectedMode) {
    return [
      `Everybody who can connect to ${host} may produce, consume, watch and disconnect others` +
      `${
        hasLogin(config) ? ", with the gateway's own login to Kafka" : ""
      }: there are no users, and ` +
      "protectedMode is false",
    ];
  }
  return [
    "Protected mode: there are no users, so clients on other machines are REFUSED. Older releases let them in. " +
    'Name users in the section "server" ("users" or "aclFile"), or set "protectedMode": false there, or start with ' +
    "--protected-mode no, where only trusted clients can connect",
  ];
}
