/**
 * Whose loop files may run. Opening a repository executes nothing from it until the operator has seen what its loop files
 * would run and trusted these exact contents (as direnv does). The decision lies outside the repository, so none can make it for itself.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { AgentDefinition, LoopDefinition } from '../../loop/definition/definition.ts';
import { demandOf } from '../../loop/definition/gates.ts';
import { hasHeartbeat } from '../../loop/schedule/beat.ts';
import { triggerWords } from '../../loop/schedule/words.ts';
import { configurationFolder } from './configuration.ts';
import { hasCode } from './has-code.ts';
import { MCP_FILE, type McpFile, OURS, type WrittenServer } from './mcp-file.ts';
import { replaceFile } from './replace-file.ts';

/** Raise it when a version runs more of a loop file than the one before: what was trusted then was less. */
const EXTENT = 4;

const decision = z.strictObject({
  extent: z.literal(EXTENT),
  repository: z.string(),
  /** Path relative to the repository -> sha256 of the content, hex. */
  files: z.record(z.string(), z.string()),
  /** Name of an MCP server -> sha256 of what .mcp.json says of it, hex. */
  servers: z.record(z.string(), z.string()),
});

/** Trusts exactly these files of the repository with exactly this content, and no others. */
export async function trust(
  root: string,
  files: readonly { readonly path: string; readonly text: string }[],
  folder: string = configurationFolder(),
  servers: readonly Pick<WrittenServer, 'name' | 'hash'>[] = [],
): Promise<void> {
  const { repository, file } = await placeOf(root, folder);
  await mkdir(join(folder, 'trust'), { recursive: true, mode: 0o700 });
  const hashes = Object.fromEntries(files.map(({ path, text }) => [path, sha256(text)]));
  const asked = Object.fromEntries(servers.map(({ name, hash }) => [name, hash]));
  const text = `${JSON.stringify({ extent: EXTENT, repository, files: hashes, servers: asked }, null, 2)}\n`;
  await replaceFile(file, text, 0o600);
}

/** Whether the operator trusted this file with exactly this content. A decision that cannot be read is none. */
export async function isTrusted(
  root: string,
  path: string,
  text: string,
  folder: string = configurationFolder(),
): Promise<boolean> {
  const { repository, file } = await placeOf(root, folder);
  const made = await readDecision(file);
  return (
    made !== null &&
    made.repository === repository &&
    Object.hasOwn(made.files, path) &&
    made.files[path] === sha256(text)
  );
}

/** Of the MCP servers that a loop asks for, those that the operator has not trusted with exactly what .mcp.json says of them. */
export async function untrustedServers(
  root: string,
  names: readonly string[],
  written: McpFile,
  folder: string = configurationFolder(),
): Promise<string[]> {
  const asked = names.filter((name) => name !== OURS);
  if (asked.length === 0) return [];
  const { repository, file } = await placeOf(root, folder);
  const made = await readDecision(file);
  const trusted = made?.repository === repository ? made.servers : {};
  return asked.filter((name) => {
    const found = written.get(name);
    return found === undefined || 'wrong' in found || !Object.hasOwn(trusted, name) || trusted[name] !== found.hash;
  });
}

/** Forgets every decision about the repository. */
export async function revoke(root: string, folder: string = configurationFolder()): Promise<void> {
  await rm((await placeOf(root, folder)).file, { force: true });
}

/**
 * Every command that a run of the loop would execute and every engine and MCP server it would start, one line each, in the
 * order of a run; and the files that it would have written.
 */
export function whatItRuns(definition: LoopDefinition, written: McpFile = new Map()): string[] {
  const { on, isolation, maker, gates, escalate, context, discover, fanOut, leads, triage, checker, reflector } =
    definition;
  const { onSuccess } = definition;
  const servers = (context.mcp ?? []).map((name) => `MCP server ${name}: ${serverWords(name, written)}`);
  const kept = [context.state, context.progress].flatMap((path) => (path === null ? [] : [`writes: ${path}`]));
  const copies = isolation.copy.length > 0 ? [`copies into the worktree: ${isolation.copy.join(', ')}`] : [];
  return [
    ...(hasHeartbeat(on) ? [`starts by itself: ${triggerWords(on).join(', ')}`] : []),
    ...(on.event === null ? [] : [`event: ${on.event.run}`]),
    ...(on.skipIf === null || !hasHeartbeat(on) ? [] : [`skip-if: ${on.skipIf}`]),
    ...(discover === null ? [] : [`${fanOut?.remembers === false ? 'items' : 'discover'}: ${discover.run}`]),
    ...(fanOut === null ? [] : [`fans out: at most ${fanOut.maxItems} items, ${fanOut.maxParallel} at once`]),
    ...copies,
    ...(isolation.setup === null ? [] : [`setup: ${isolation.setup}`]),
    ...servers,
    ...(triage === null ? [] : [`triage: ${agentLine(triage)}${byThemselves(definition)}`]),
    `${leads}: ${agentLine(maker)}${leads === 'triage' ? byThemselves(definition) : ''}`,
    ...(checker === null ? [] : [`checker: ${agentLine(checker.agent)}`]),
    ...(reflector === null ? [] : [`reflector: ${agentLine(reflector)}`]),
    ...[...gates, ...onSuccess.gates].map((gate) => `gate ${gate.id}: ${demandOf(gate)}`),
    ...escalate.flatMap((rung) => (rung.maker ? [`rung ${rung.when} x${rung.count}: ${agentLine(rung.maker)}`] : [])),
    ...(isolation.teardown === null ? [] : [`teardown: ${isolation.teardown}`]),
    ...(definition.followedBy.length === 0 ? [] : [`starts when it is green: ${definition.followedBy.join(', ')}`]),
    ...kept,
    ...ownDeeds(onSuccess),
  ];
}

/** What it does without being asked once a run is green. */
const ownDeeds = ({ push, pr, merge }: LoopDefinition['onSuccess']): string[] => [
  ...(push ? ['pushes: the branch of a green run'] : []),
  ...(pr === null ? [] : [`opens by itself: a ${pr.draft ? 'draft ' : ''}pull request, through gh`]),
  ...(merge === 'auto' ? ['lands by itself: green work, on the branch that it started from'] : []),
];
const byThemselves = ({ onHit }: LoopDefinition): string =>
  onHit.mode === 'auto' ? `; its hits start a run by themselves, at most ${onHit.maxPerDay} a day` : '';

function serverWords(name: string, written: McpFile): string {
  if (name === OURS) return "looptop's own";
  const found = written.get(name);
  return found === undefined ? `(not in ${MCP_FILE})` : 'wrong' in found ? found.wrong : found.words;
}

function agentLine(agent: AgentDefinition): string {
  if (agent.run !== null) return agent.run;
  if (agent.scenario !== null) return `${agent.engine}, scenario ${agent.scenario}`;
  const allowed = agent.tools.allow.length > 0 ? `, may use ${agent.tools.allow.join(', ')}` : '';
  return `${agent.engine}, model ${agent.model}, permission ${agent.permission}${allowed}`;
}

/** One file a repository, so that decisions about two of them never overwrite each other. */
async function placeOf(root: string, folder: string): Promise<{ repository: string; file: string }> {
  const repository = await realpath(root);
  return { repository, file: join(folder, 'trust', `${sha256(repository).slice(0, 32)}.json`) };
}

async function readDecision(file: string): Promise<z.output<typeof decision> | null> {
  try {
    const { mode, uid } = await stat(file);
    // What others can write, others decide.
    if ((mode & 0o022) !== 0 || (process.getuid !== undefined && uid !== process.getuid())) return null;
    return decision.safeParse(JSON.parse(await readFile(file, 'utf8'))).data ?? null;
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR') || error instanceof SyntaxError) return null;
    throw error;
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
