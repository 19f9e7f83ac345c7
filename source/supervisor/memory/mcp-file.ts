/** `.mcp.json` of a repository: which MCP servers there are by which name. Reading starts none; whether one may run is for trust.ts to say. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import * as z from 'zod';
import { type McpServer, OUR_SERVER } from '../../agents/mcp/server.ts';
import { ConfigError } from '../../loop/errors.ts';
import { hasCode } from './has-code.ts';
import { insideRepository } from './inside.ts';

export const MCP_FILE = '.mcp.json';
/** Needs no entry there. */
export const OURS = OUR_SERVER;
const LARGEST = 256 * 1024;

const texts = z.record(z.string(), z.string());
// A shell is asked to export them.
const variables = z.record(z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of a variable'), z.string());
const entry = z.union(
  [
    z.object({
      type: z.literal('stdio').optional(),
      command: z.string().min(1),
      args: z.array(z.string()).prefault([]),
      env: variables.prefault({}),
    }),
    z.object({ type: z.enum(['http', 'sse', 'streamable-http']), url: z.string().min(1), headers: texts.prefault({}) }),
  ],
  'expected a command with args and env, or a type (http or sse) with a url and headers',
);
const file = z.object({ mcpServers: z.record(z.string(), z.unknown()).prefault({}) });

type Entry = z.output<typeof entry>;

/** One server as it stands in the file, nothing filled in. */
export interface WrittenServer {
  readonly name: string;
  readonly entry: Entry;
  /** Of everything that stands there, sha256 in hex: what the operator trusts. */
  readonly hash: string;
  /** What it starts or where it is, one line: no value that looks like a secret. */
  readonly words: string;
}

export type McpFile = ReadonlyMap<string, WrittenServer | { readonly wrong: string }>;

/** Empty where there is no such file. @throws ConfigError when it cannot be read or is no JSON */
export async function readMcpFile(root: string): Promise<McpFile> {
  const text = await load(root);
  if (text === null) return new Map();
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new ConfigError(`${MCP_FILE} is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  const read = file.safeParse(value);
  if (!read.success) throw new ConfigError(`${MCP_FILE} must be a map with mcpServers: a map of servers by name`);
  return new Map(Object.entries(read.data.mcpServers).map(([name, written]) => [name, readServer(name, written)]));
}

async function load(root: string): Promise<string | null> {
  const real = await insideRepository(root, MCP_FILE);
  try {
    if ((await stat(real)).size > LARGEST) throw new ConfigError(`${MCP_FILE} is larger than 256 KiB`);
    return await readFile(real, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

function readServer(name: string, written: unknown): WrittenServer | { readonly wrong: string } {
  const read = entry.safeParse(written);
  if (!read.success) {
    const first = read.error.issues[0];
    return { wrong: `${[name, ...(first?.path ?? [])].join('.')}: ${first?.message ?? 'cannot be read'}` };
  }
  const hash = createHash('sha256')
    .update(JSON.stringify(sorted(written)))
    .digest('hex');
  return { name, entry: read.data, hash, words: wordsOf(read.data) };
}

/** The same whatever the order of its keys. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}

const SECRET = /token|key|secret|pass|auth|credential|cookie/i;

function wordsOf(server: Entry): string {
  const values = 'command' in server ? server.env : server.headers;
  const given = Object.entries(values).map(([name, value]) =>
    SECRET.test(name) && !/^\$\{\w+\}$/.test(value) ? `${name}=(hidden)` : `${name}=${value}`,
  );
  const what = 'command' in server ? [server.command, ...server.args].join(' ') : `${server.type} ${server.url}`;
  return given.length === 0 ? what : `${what} (${given.join(', ')})`;
}

/**
 * The server as an agent gets it: every `${NAME}` and `${NAME:-otherwise}` filled in from `env`, as claude does.
 * @throws ConfigError when a variable is not set
 */
export function filledIn(
  { name, entry: written }: WrittenServer,
  env: Readonly<Record<string, string | undefined>>,
): McpServer {
  const fill = (text: string): string =>
    text.replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (_, variable: string, otherwise?: string) => {
      const value = env[variable] ?? otherwise;
      if (value === undefined)
        throw new ConfigError(`MCP server ${name} needs the variable ${variable}, which is not set`);
      return value;
    });
  const each = (values: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, fill(value)]));
  if ('command' in written)
    return {
      name,
      type: 'stdio',
      command: fill(written.command),
      args: written.args.map(fill),
      env: each(written.env),
    };
  return {
    name,
    type: written.type === 'sse' ? 'sse' : 'http',
    url: fill(written.url),
    headers: each(written.headers),
  };
}
