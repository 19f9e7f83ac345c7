/** A fan on a real repository: the loop file that ships, its items in real worktrees with real gates; only the agents are scripted. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { Stage } from './stage.ts';

interface Fan {
  readonly id: string;
  readonly counts: Readonly<Record<'all' | 'waiting' | 'running' | 'green' | 'landed' | 'failed', number>>;
  readonly attention: { readonly words: string } | null;
  readonly items: readonly {
    readonly key: string;
    readonly state: string;
    readonly run: string;
    readonly why: string;
  }[];
  readonly tokens: number;
  readonly endedAt: string | null;
}

async function until(stage: Stage, wanted: (fan: Fan) => boolean, limitMs = 100_000): Promise<Fan> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const fan = JSON.parse(await stage.must('show', 'f1', '--json')) as Fan;
    if (wanted(fan)) return fan;
    if (performance.now() > deadline)
      throw new Error(`the fan never got there: ${JSON.stringify(fan)}\n${await stage.must('ls', '--all')}`);
    await sleep(2000);
  }
}

/** Smallest first: their number of files that import the old API. */
const PACKAGES = { cli: 1, docs: 1, web: 2, api: 2, jobs: 3, core: 4 };
const USED = 'packages/legacy-http/index.mjs';

function workspace(): Record<string, string> {
  const all = [...Object.keys(PACKAGES), 'legacy-http', 'http-client'];
  const manifest = { name: 'shop', private: true, workspaces: ['packages/*'] };
  const packages = Object.fromEntries(
    all.flatMap((name) => [
      [`node_modules/${name}`, { resolved: `packages/${name}`, link: true }],
      [`packages/${name}`, { version: '1.0.0' }],
    ]),
  );
  const files: Record<string, string> = {
    '.gitignore': 'node_modules/\n',
    'package.json': JSON.stringify(manifest),
    'package-lock.json': JSON.stringify({ name: 'shop', lockfileVersion: 3, packages: { '': manifest, ...packages } }),
    [USED]: 'export const get = (path) => `GET ${path}`;\n',
    'packages/http-client/index.mjs': 'export const request = ({ method, path }) => `${method} ${path}`;\n',
    'migrate.mjs': MIGRATE,
    'scenarios/maker.yaml': stringify({ passes: [[{ shell: 'node migrate.mjs' }, { done: 'Moved.' }]] }),
    'scenarios/checker.yaml': stringify({ passes: [[{ say: HOLDS }, { done: HOLDS }]] }),
  };
  for (const name of all) {
    const count = Object.entries(PACKAGES).find(([each]) => each === name)?.[1] ?? 0;
    const scripts = count === 0 ? {} : { test: 'node test.mjs' };
    files[`packages/${name}/package.json`] = JSON.stringify({ name, version: '1.0.0', main: 'index.mjs', scripts });
    for (let n = 1; n <= count; n++)
      files[`packages/${name}/src/part-${n}.mjs`] =
        `import { get } from 'legacy-http';\nexport const part = (path) => get(path);\n`;
    const parts = Array.from({ length: count }, (_, at) => `./src/part-${at + 1}.mjs`);
    if (count > 0) files[`packages/${name}/test.mjs`] = TEST.replace('PARTS', JSON.stringify(parts));
  }
  return files;
}

const HOLDS = '{"verdict": "holds", "findings": []}';

const TEST = `
for (const file of PARTS) {
  const { part } = await import(file);
  if (part('/a') !== 'GET /a') throw new Error(file + ' makes ' + part('/a'));
}
`;

/** What a maker would do, and in one package does wrong. */
const MIGRATE = `
import { readFileSync, writeFileSync } from 'node:fs';
const item = JSON.parse(readFileSync(process.env.LOOPTOP_ITEM_FILE, 'utf8'));
const method = item.package === 'web' ? '' : "method: 'GET', ";
for (const file of item.files) {
  const text = readFileSync(file, 'utf8');
  const moved = text.replace("{ get } from 'legacy-http'", "{ request } from 'http-client'");
  writeFileSync(file, moved.replace('get(path)', 'request({ ' + method + 'path })'));
}
`;

/** The file that ships, with other agents and nothing else changed. */
async function shipped(): Promise<string> {
  const text = await readFile('loops/refactor-fanout.md', 'utf8');
  const agents = ['maker', 'checker'].map(
    (role) => `  ${role}: { engine: scripted, scenario: scenarios/${role}.yaml, model: standard }\n`,
  );
  const changed = text.replace(/^agents:\n( {2}.*\n)+/m, `agents:\n${agents.join('')}`);
  assert.notEqual(changed, text);
  return changed;
}

test('refactor-fanout: two packages first, the others after the release, one fails by itself, and the supervisor dies on the way', async () => {
  await using stage = await Stage.set([], { ...workspace(), 'loops/refactor-fanout.md': await shipped() });
  await stage.must('trust', '--yes');
  const said = await stage.must('run', 'refactor-fanout');
  assert.match(said, /^f1: refactor-fanout fans out over 6 items, at most 3 at once\. 2 of them run first/);

  const piloted = await until(stage, ({ attention }) => attention !== null);
  assert.match(
    piloted.attention?.words ?? '',
    /^pilot of 2 is done, 2 green: the other 4 begin after looptop release f1$/,
  );
  assert.deepEqual(
    piloted.items
      .map(({ key }) => key)
      .slice(0, 2)
      .sort(),
    ['cli', 'docs'],
  );
  assert.equal((await stage.ls()).length, 2);
  assert.match((await stage.cli('run', 'refactor-fanout')).stderr, /fans out already: f1 2\/6/);

  assert.match(await stage.must('release', 'refactor-fanout'), /^f1 is released: 4 items begin/);
  await until(stage, ({ counts }) => counts.running > 0);
  process.kill(await stage.supervisorPid(), 'SIGKILL');
  const fan = await until(stage, ({ counts }) => counts.green + counts.landed + counts.failed === 6);
  assert.deepEqual(
    fan.items.filter(({ state }) => state === 'failed').map(({ key }) => key),
    ['web'],
  );
  assert.match(fan.items.find(({ key }) => key === 'web')?.why ?? '', /unit|same failure/);

  const runs = await stage.ls();
  assert.equal(runs.length, 6, 'each item has one run');
  assert.equal(
    fan.tokens,
    runs.reduce((sum, run) => sum + run.tokens.fresh, 0),
  );
  const lost = runs.find(({ id }) => id === fan.items.find(({ key }) => key === 'web')?.run);
  assert.equal(lost?.state, 'exhausted');
  assert.ok(lost.worktree);
  for (const { key } of fan.items.filter(({ state }) => state !== 'failed')) {
    const branch = `loop/refactor/${key}`;
    const { stdout: subject } = await stage.git('log', '-1', '--format=%s', branch);
    assert.equal(subject.trim(), `refactor(${key}): use http-client instead of legacy-http`);
    const { stdout: files } = await stage.git('diff', '--name-only', `main...${branch}`);
    const changed = files.trim().split('\n');
    assert.ok(
      changed.every((file) => file === '' || file.startsWith(`packages/${key}/`)),
      files,
    );
    assert.equal((await stage.git('grep', '-q', 'legacy-http', branch, '--', `packages/${key}`)).code, 1);
  }
});
