/**
 * A CA and certificates for tests, made with the openssl program: keys on P-256, which take a millisecond.
 *
 * @module
 */
import assert from "node:assert/strict";

/** A certificate in PEM files. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/** What a certificate says. */
export interface CertificateOptions {
  /** As in `openssl req -subj`, e.g. "/CN=alice". */
  readonly subject?: string;
  /** As in `subjectAltName`, e.g. "URI:urn:alice". */
  readonly altNames?: string;
  /** Days that it is valid; with `notAfter` of no meaning. */
  readonly days?: number;
  /** The beginning and the end instead, e.g. "20200101000000Z". */
  readonly notBefore?: string;
  readonly notAfter?: string;
}

/** A CA in a folder of its own. */
export class TestAuthority implements AsyncDisposable {
  readonly folder: string;
  #count = 0;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(name = "Test CA", days = 3650): Promise<TestAuthority> {
    const folder = await Deno.makeTempDir({ prefix: "rafka-ca-" });
    const authority = new TestAuthority(folder);
    await openssl(
      ["req", "-x509", ...NEW_KEY, "-subj", `/CN=${name}`, "-days", String(days)],
      ["-keyout", `${folder}/ca.key`, "-out", authority.caFile],
    );
    await Deno.writeTextFile(`${folder}/index.txt`, "");
    await Deno.writeTextFile(`${folder}/ca.cnf`, CA_CONFIG);
    return authority;
  }

  get caFile(): string {
    return `${this.folder}/ca.pem`;
  }

  get caKeyFile(): string {
    return `${this.folder}/ca.key`;
  }

  /** The gateway's, for 127.0.0.1 and localhost. */
  server(options: CertificateOptions = {}): Promise<Certificate> {
    return this.issue({
      subject: "/CN=localhost",
      altNames: "IP:127.0.0.1,DNS:localhost",
      ...options,
    });
  }

  /** A new key and its certificate. */
  async issue(options: CertificateOptions): Promise<Certificate> {
    const { subject = "/CN=somebody", altNames, days = 365, notBefore, notAfter } = options;
    const name = `${this.folder}/${++this.#count}`;
    const files = { certFile: `${name}.pem`, keyFile: `${name}.key` };
    await openssl(
      ["req", "-new", ...NEW_KEY, "-multivalue-rdn", "-subj", subject, "-keyout", files.keyFile],
      ["-out", `${name}.csr`],
    );
    await Deno.writeTextFile(
      `${name}.ext`,
      `basicConstraints=CA:FALSE\n${altNames ? `subjectAltName=${altNames}\n` : ""}`,
    );
    const validity = notAfter
      ? ["-startdate", notBefore ?? "20200101000000Z", "-enddate", notAfter]
      : ["-days", String(days)];
    await openssl(
      ["ca", "-batch", "-notext", "-config", `${this.folder}/ca.cnf`],
      ["-name", "ca", "-cert", this.caFile, "-keyfile", this.caKeyFile, "-outdir", this.folder],
      ["-in", `${name}.csr`, "-out", files.certFile, "-extfile", `${name}.ext`, ...validity],
      { CA_FOLDER: this.folder },
    );
    return files;
  }

  /** A CRL with these certificates. */
  async revoke(...certificates: readonly Certificate[]): Promise<string> {
    const ca = ["-config", `${this.folder}/ca.cnf`, "-name", "ca", "-cert", this.caFile];
    const key = ["-keyfile", this.caKeyFile];
    const env = { CA_FOLDER: this.folder };
    for (const { certFile } of certificates) {
      await openssl(["ca", ...ca], key, ["-revoke", certFile], env);
    }
    const crl = `${this.folder}/crl.pem`;
    await openssl(["ca", ...ca], key, ["-gencrl", "-crldays", "30", "-out", crl], env);
    return crl;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

const CA_CONFIG = `
[ca]
database = $ENV::CA_FOLDER/index.txt
default_md = sha256
rand_serial = yes
policy = any
unique_subject = no
email_in_dn = yes
copy_extensions = none
[any]
commonName = optional
organizationName = optional
`;

/** Runs it; the last argument may be its environment. */
export async function openssl(
  ...parts: readonly (readonly string[] | Record<string, string>)[]
): Promise<Uint8Array> {
  const args = parts.flatMap((part) => Array.isArray(part) ? part as readonly string[] : []);
  const env = parts.find((part): part is Record<string, string> => !Array.isArray(part)) ?? {};
  const command = new Deno.Command("openssl", { args: [...args], env, stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  assert.ok(success, `openssl ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return stdout;
}
