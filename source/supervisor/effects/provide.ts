/** What a run's agents are given beside their prompt: skills that are in its worktree, and MCP servers, as they were when it was prepared. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../agents/engine.ts';
import { type McpServer, type McpServers, OUR_SERVER } from '../../agents/mcp/server.ts';
import { isMaker } from '../../loop/crew/crew.ts';
import type { Role } from '../../loop/definition/definition.ts';
import { ConfigError } from '../../loop/errors.ts';
import type { RunState } from '../../loop/state.ts';
import { type House, homeOf } from '../house.ts';
import { mcpProgram } from '../mcp-program.ts';
import { hasCode } from '../memory/has-code.ts';
import { filledIn, MCP_FILE, readMcpFile } from '../memory/mcp-file.ts';
import { skillsOf } from '../memory/skills.ts';
import { untrustedServers } from '../memory/trust.ts';

const kept = (house: House, run: RunState): string =>
  join(homeOf(house.repository.root), 'runs', run.id, 'mcp-servers.json');

/**
 * Looks that everything the loop names is there, and keeps the servers with what is filled into them: not in the journal, for
 * there may be secrets in it. From the operator's checkout, not from the worktree, where an agent could rewrite them.
 * @throws ConfigError when something is missing or not trusted
 */
export async function provide(house: House, run: RunState, worktree: string): Promise<void> {
  const { skills, mcp } = run.definition.context;
  await skillsOf(worktree, skills).catch((error: unknown) => {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(
      `${error.message} in the commit that the run starts from: commit it, or name its folder in isolation.copy`,
    );
  });
  const names = (mcp ?? []).filter((name) => name !== OUR_SERVER);
  if (names.length === 0) return;
  const { root } = house.repository;
  const written = await readMcpFile(root);
  const [changed] = await untrustedServers(root, names, written);
  if (changed !== undefined)
    throw new ConfigError(
      written.has(changed)
        ? `MCP server ${changed} of ${MCP_FILE} is not trusted as it is now: look at what it runs with looptop trust`
        : `${MCP_FILE} has no server ${changed} any more`,
    );
  const servers = names.flatMap((name) => {
    const found = written.get(name);
    return found === undefined || 'wrong' in found ? [] : [filledIn(found, process.env)];
  });
  const file = kept(house, run);
  await mkdir(join(file, '..'), { recursive: true, mode: 0o700 });
  await writeFile(file, `${JSON.stringify(servers, null, 2)}\n`, { mode: 0o600 });
}

/** Null when the loop does not say: then the engine has those of its own settings. */
export async function serversFor(
  house: House,
  run: RunState,
  role: Role,
  engine: Engine,
  cwd: string,
): Promise<McpServers | null> {
  const { mcp } = run.definition.context;
  if (mcp === null) return null;
  const named = await readKept(kept(house, run));
  // Only whoever does the work has something to report.
  const ours = mcp.includes(OUR_SERVER) && isMaker(role) ? [ourServer(house, run)] : [];
  return { servers: [...named, ...ours], others: await othersOf(engine, cwd) };
}

/** What we wrote, so it is what it says. */
async function readKept(file: string): Promise<McpServer[]> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as McpServer[];
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** All it needs to know stands in its own environment: a CLI may keep its own from the servers it starts. */
function ourServer(house: House, run: RunState): McpServer {
  const [command, ...args] = mcpProgram();
  const env = { LOOPTOP_RUN: run.nonce, LOOPTOP_RUN_ID: run.id, LOOPTOP_REPOSITORY: house.repository.root };
  return { name: OUR_SERVER, type: 'stdio', command, args, env };
}

async function othersOf({ mcpSettings }: Engine, cwd: string): Promise<string[]> {
  if (mcpSettings === undefined) return [];
  const files = mcpSettings.files({ env: process.env, cwd });
  const names = await Promise.all(
    files.map(async (file) => mcpSettings.names(await readFile(file, 'utf8').catch(() => ''))),
  );
  return [...new Set(names.flat())];
}
