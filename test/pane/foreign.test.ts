import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { editText, runForeground } from '../../source/pane/foreign.ts';

async function folder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'looptop-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

async function script(path: string, body: string): Promise<string> {
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}

test('the editor changes the text, and may have options in its name', async () => {
  await using here = await folder();
  const editor = await script(join(here.path, 'editor'), 'printf " and %s" "$1" >> "$2"');
  assert.equal(await editText('this', { ...process.env, VISUAL: '', EDITOR: `${editor} that` }), 'this and that');
});

test('an editor that fails leaves no text and no file behind', async () => {
  await using here = await folder();
  const editor = await script(join(here.path, 'editor'), 'exit 3');
  const env = { ...process.env, TMPDIR: here.path, VISUAL: editor };
  const before = process.env.TMPDIR;
  process.env.TMPDIR = here.path;
  try {
    await assert.rejects(editText('x', env), /ended with 3/);
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
  assert.deepEqual(await readdir(here.path), ['editor']);
});

test('a program starts in the worktree', async () => {
  await using here = await folder();
  const shell = await script(join(here.path, 'shell'), 'pwd > seen');
  await runForeground([shell], here.path, process.env);
  assert.deepEqual((await readdir(here.path)).sort(), ['seen', 'shell']);
});

test('a worktree that is gone is an error in words', async () => {
  await assert.rejects(runForeground(['/bin/sh'], '/nowhere/at/all', {}), /could not be started in \/nowhere\/at\/all/);
});
