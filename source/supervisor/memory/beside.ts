/** What a loop file names and must find beside it in the repository: skills and MCP servers. What is missing is its problem. */
import type { LoopDefinition } from '../../loop/definition/definition.ts';
import { readDocument } from '../../loop/definition/document.ts';
import { splitFence } from '../../loop/definition/fence.ts';
import { keyOf, type Path, type Problem, quote } from '../../loop/definition/problem.ts';
import { ConfigError } from '../../loop/errors.ts';
import { RULES_FILE } from '../../loop/rules.ts';
import { insideRepository } from './inside.ts';
import { MCP_FILE, type McpFile, OURS, readMcpFile } from './mcp-file.ts';
import { findSkill } from './skills.ts';

/** @param text the whole loop file, for the lines of what is wrong @param file how messages shall call it */
export async function missingBeside(
  root: string,
  file: string,
  text: string,
  { context }: LoopDefinition,
): Promise<Problem[]> {
  const wrong = [
    ...(await Promise.all(
      context.skills.map(async (name) => {
        const found = await findSkill(root, name);
        return 'wrong' in found ? [{ key: 'skills', name, message: found.wrong }] : [];
      }),
    )),
    await strayRules(root, context.rules.file),
    ...missingServers(context.mcp ?? [], await mcpFile(root, context.mcp ?? [])),
  ].flat();
  if (wrong.length === 0) return [];
  const fenced = splitFence(text);
  const document = 'message' in fenced ? null : readDocument(fenced.yaml, fenced.yamlLine);
  return wrong.map(({ key, name, message }) => {
    const path = pathOf(document?.value, key, name);
    return { file, line: document?.lineOf(path) ?? 1, key: keyOf(path), found: quote(name), message };
  });
}

/** A file of rules may be missing, and is written with the first of them; it may not lead out of the repository. */
async function strayRules(root: string, file: string) {
  try {
    await insideRepository(root, file);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // That one is everybody's, and is told of where it is read.
    if (file === RULES_FILE) return [];
    return [{ key: 'rules', name: file, message: error.message }];
  }
}

async function mcpFile(root: string, names: readonly string[]): Promise<McpFile | string> {
  if (names.every((name) => name === OURS)) return new Map();
  try {
    return await readMcpFile(root);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

function missingServers(names: readonly string[], file: McpFile | string) {
  return names.flatMap((name) => {
    if (name === OURS) return [];
    const say = (message: string) => [{ key: 'mcp', name, message }];
    if (typeof file === 'string') return say(file);
    const found = file.get(name);
    if (found === undefined) {
      const there = [...file.keys(), OURS].join(', ');
      return say(`${MCP_FILE} has no server of this name: there is ${there}`);
    }
    return 'wrong' in found ? say(`${MCP_FILE}: ${found.wrong}`) : [];
  });
}

function pathOf(value: Readonly<Record<string, unknown>> | null | undefined, key: string, name: string): Path {
  const context = value?.context;
  const listed: unknown = typeof context === 'object' && context !== null ? Reflect.get(context, key) : undefined;
  if (key === 'rules') return ['context', key, 'file'];
  const at = Array.isArray(listed) ? listed.indexOf(name) : -1;
  return at === -1 ? ['context', key] : ['context', key, at];
}
