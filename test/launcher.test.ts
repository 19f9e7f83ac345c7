/** The launcher as a real file in a small package of its own: which Node runs the bundle, with what environment, and what gets through. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { findProgram } from '../source/supervisor/process/find-program.ts';

/** Stands where the product's bundle would: says who runs it, or waits for a signal. */
const BUNDLE = `
const { NODE_ENV, LOOPTOP_NODE_ENV, FORCE_COLOR, LOOPTOP_FORCE_COLOR } = process.env;
const [first] = process.argv.slice(2);
if (first === 'wait') {
  process.on('SIGHUP', () => process.exit(3));
  setTimeout(() => {}, 20_000);
  console.log('ready');
} else {
  console.log(JSON.stringify({
    node: process.versions.node, argv: process.argv.slice(2),
    env: { NODE_ENV, LOOPTOP_NODE_ENV, FORCE_COLOR, LOOPTOP_FORCE_COLOR },
  }));
  if (first === 'exit') process.exit(Number(process.argv[3]));
}
`;

let home: string;
const launcher = () => join(home, 'source', 'launcher.js');

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'looptop-launcher-'));
  await mkdir(join(home, 'source'));
  await mkdir(join(home, 'dist'));
  await copyFile('source/launcher.js', launcher());
  await writeFile(join(home, 'package.json'), '{"type":"module"}');
  await writeFile(join(home, 'dist', 'looptop.js'), BUNDLE);
  await symlink(resolve('node_modules'), join(home, 'node_modules'));
});
after(() => rm(home, { recursive: true, force: true }));

/** A Node on the PATH that cannot run the bundle; null where there is none. */
const oldNode = ((): string | null => {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const node = findProgram('node', folder);
    if (node === null) continue;
    const major = Number(execFileSync(node, ['-p', 'process.versions.node']).toString().split('.')[0]);
    if (major >= 13 && major < 22) return node;
  }
  return null;
})();
const skip = oldNode === null ? 'no Node older than 22 on the PATH' : false;

async function launch(
  node: string,
  args: string[],
  env: Record<string, string> = {},
  file = launcher(),
): Promise<{ code: number | null; out: string; err: string }> {
  const { PATH = '' } = process.env;
  const child = spawn(node, [file, ...args], { env: { PATH, XDG_CACHE_HOME: join(home, 'cache'), ...env } });
  const [out, err] = [collect(child.stdout), collect(child.stderr)];
  const [code] = await once(child, 'close');
  return { code, out: out(), err: err() };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return () => text;
}

test('a new Node runs the bundle itself, in production mode that is marked as ours', async () => {
  const { code, out } = await launch(process.execPath, ['ls', '--json']);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(out), {
    node: process.versions.node,
    argv: ['ls', '--json'],
    env: { NODE_ENV: 'production', LOOPTOP_NODE_ENV: '1' },
  });
});

test("the operator's own NODE_ENV and FORCE_COLOR stay as they are, without a mark", async () => {
  const { out } = await launch(process.execPath, [], { NODE_ENV: 'test', FORCE_COLOR: '2', NO_COLOR: '1' });
  assert.deepEqual(JSON.parse(out).env, { NODE_ENV: 'test', FORCE_COLOR: '2' });
});

test('NO_COLOR turns the colours of Ink off', async () => {
  const { out } = await launch(process.execPath, [], { NO_COLOR: '1' });
  assert.equal(JSON.parse(out).env.FORCE_COLOR, '0');
  assert.equal(JSON.parse(out).env.LOOPTOP_FORCE_COLOR, '1');
});

test('without a bundle it says in one line what to run', async () => {
  const bare = join(home, 'bare', 'source');
  await mkdir(bare, { recursive: true });
  await copyFile(launcher(), join(bare, 'launcher.js'));
  const { code, err } = await launch(process.execPath, [], {}, join(bare, 'launcher.js'));
  assert.equal(code, 1);
  assert.equal(err, 'looptop: dist/looptop.js is missing: run `npm run build`\n');
});

test('an old Node hands over to the packaged one, with arguments and exit code', { skip }, async () => {
  const { code, out } = await launch(oldNode ?? '', ['exit', '5']);
  assert.equal(code, 5);
  const told = JSON.parse(out);
  assert.ok(Number(told.node.split('.')[0]) >= 22);
  assert.deepEqual(told.argv, ['exit', '5']);
  assert.equal(told.env.NODE_ENV, 'production');
});

test('an old Node without a packaged one says in one line what is needed', { skip }, async () => {
  const alone = await mkdtemp(join(tmpdir(), 'looptop-alone-'));
  try {
    for (const part of ['source', 'dist', 'package.json'])
      await cp(join(home, part), join(alone, part), { recursive: true });
    const { code, err } = await launch(oldNode ?? '', [], {}, join(alone, 'source', 'launcher.js'));
    assert.equal(code, 1);
    assert.match(err, /^looptop: needs Node\.js 22\.12 or newer, this is v\d+[^\n]*\n$/);
  } finally {
    await rm(alone, { recursive: true, force: true });
  }
});

test('signals reach the bundle behind an old Node, and its death by one is seen outside', { skip }, async () => {
  const handled = await waiting(oldNode ?? '');
  handled.kill('SIGHUP');
  assert.deepEqual(await once(handled, 'exit'), [3, null]);
  const killed = await waiting(oldNode ?? '');
  killed.kill('SIGTERM');
  assert.deepEqual(await once(killed, 'exit'), [null, 'SIGTERM']);
});

async function waiting(node: string): Promise<ChildProcess> {
  const child = spawn(node, [launcher(), 'wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}
