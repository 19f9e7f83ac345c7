/** A loop file as it is shipped, with nothing changed but who plays its roles: scripted agents in place of engines that cost money. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument, stringify } from 'yaml';
import type { Role } from '../../../source/loop/definition/definition.ts';

type Scenarios = Readonly<Partial<Record<Role, unknown>>>;

/** The files of a repository with that loop: the loop itself and the scenario of each role. The tools of an engine go with it. */
export async function played(name: string, scenarios: Scenarios): Promise<Record<string, string>> {
  const text = await readFile(join('loops', `${name}.md`), 'utf8');
  const [, front = '', body = ''] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text) ?? [];
  const document = parseDocument(front);
  const files: Record<string, string> = {};
  for (const [role, scenario] of Object.entries(scenarios)) {
    const file = `scenarios/${name}-${role}.yaml`;
    files[file] = stringify(scenario);
    document.setIn(['agents', role, 'engine'], 'scripted');
    document.setIn(['agents', role, 'scenario'], file);
    document.deleteIn(['agents', role, 'tools']);
  }
  return { ...files, [`loops/${name}.md`]: `---\n${document.toString({ lineWidth: 0 })}---\n${body}` };
}

/** An npm project whose `npm test` wants `fixed` in answer.txt; without dependencies, so that `npm ci` needs no network. */
export const NPM_PROJECT: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'shop', version: '1.0.0', scripts: { test: 'sh check.sh' } }),
  'package-lock.json': JSON.stringify({
    ...{ name: 'shop', version: '1.0.0', lockfileVersion: 3, requires: true },
    packages: { '': { name: 'shop', version: '1.0.0' } },
  }),
};

export const HOLDS = '{"verdict": "holds", "findings": []}';
