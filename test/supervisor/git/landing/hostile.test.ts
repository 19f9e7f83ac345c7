import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { LandHow } from '../../../../source/loop/state.ts';
import { field } from './field.ts';

const HOOKS = [
  ...[
    'post-checkout',
    'post-commit',
    'post-merge',
    'post-rewrite',
    'post-index-change',
    'pre-commit',
    'pre-merge-commit',
  ],
  ...['pre-push', 'pre-rebase', 'prepare-commit-msg', 'commit-msg', 'reference-transaction'],
];

/** A run's work on a target that has moved in the same file, and a repository whose configuration is full of traps. */
async function trapped(t: TestContext) {
  const made = await field(t, { 'a.txt': 'one\nmine\n' });
  const { place } = made;
  const fired = (name: string) => join(place.folder, `fired-${name}`);
  const bait = (name: string, rest = 'cat') => `sh -c 'touch "${fired(name)}"; ${rest}'`;
  made.theirs({ 'a.txt': 'zero\none\n' });
  const remote = join(place.folder, 'remote.git');
  place.git('init', '--quiet', '--bare', remote);
  const settings: Record<string, string> = {
    'core.fsmonitor': bait('fsmonitor', 'exit 1'),
    'core.hooksPath': join(place.root, 'hooks'),
    'core.editor': bait('editor'),
    'core.sshCommand': bait('ssh'),
    'core.askPass': bait('askpass'),
    'credential.helper': `!${bait('credential')}`,
    'sequence.editor': bait('sequence'),
    'diff.external': bait('external'),
    'filter.trap.clean': bait('clean'),
    'filter.trap.smudge': bait('smudge'),
    'merge.trap.driver': bait('merge', 'true'),
    'merge.trap.name': 'a driver',
    'gpg.program': bait('gpg'),
    'commit.gpgSign': 'true',
    'rebase.updateRefs': 'true',
    'rebase.autoSquash': 'true',
    'branch.main.mergeOptions': '--squash',
    'pull.twohead': 'trap',
    'remote.origin.url': remote,
    'remote.origin.receivepack': bait('receivepack'),
    'remote.origin.proxy': 'http://127.0.0.1:1',
  };
  for (const [key, value] of Object.entries(settings)) place.git('config', key, value);
  mkdirSync(join(place.root, '.git/info'), { recursive: true });
  writeFileSync(join(place.root, '.git/info/attributes'), '*.txt merge=trap filter=trap\n');
  for (const folder of ['hooks', '.git/hooks'])
    for (const hook of HOOKS) {
      mkdirSync(join(place.root, folder), { recursive: true });
      writeFileSync(join(place.root, folder, hook), `#!/bin/sh\ntouch ${fired(hook)}\n`, { mode: 0o755 });
    }
  const names = [...Object.values(settings).flatMap((value) => /fired-([\w-]+)/.exec(value)?.[1] ?? []), ...HOOKS];
  return { ...made, remote, live: () => names.filter((name) => existsSync(fired(name))) };
}

test('nothing that a repository plants is executed by a landing, whichever way, and it comes out as git alone would', async (t) => {
  for (const how of ['rebase', 'merge', 'squash'] as LandHow[]) {
    const { place, repository, made, land, live, remote } = await trapped(t);
    const side = place.git('rev-parse', 'loop/fix-1');
    const { commit, ...landed } = await land(how);
    assert.deepEqual(landed, { is: 'there' }, how);
    assert.equal(place.git('cat-file', 'blob', 'main:a.txt'), 'zero\none\nmine', 'merged as text, not by the trap');
    assert.equal(place.git('rev-parse', 'main'), commit);
    assert.equal(place.git('rev-parse', 'loop/fix-1'), side, 'no other branch was moved along');
    const arrival = { worktree: made.worktree, branch: made.branch, onto: commit, message: 'in' };
    assert.equal(await repository.landing.bringIn(arrival), null);
    const sent = await repository.landing.push({ commit, branch: 'loop/fix-1', target: 'main', lease: null });
    assert.deepEqual(sent, { to: 'origin/loop/fix-1' });
    assert.equal(place.gitIn(remote, 'rev-parse', 'loop/fix-1'), commit);
    assert.deepEqual(live(), [], how);
  }
});

test('the bait is live: a plain merge takes it', async (t) => {
  const { place, live } = await trapped(t);
  try {
    place.git('merge', '--no-edit', '-s', 'recursive', 'loop/fix-1');
  } catch {
    // It may fail as it likes.
  }
  assert.ok(live().includes('merge') && live().includes('fsmonitor'), live().join());
});

test('a push overwrites nobody’s commits, goes by no other protocol, and says why it could not', async (t) => {
  const { place, repository, commit, made } = await field(t, { 'new.txt': 'x\n' });
  const { landing } = repository;
  const push = (lease?: string | null, branch = 'loop/fix-1') =>
    landing.push({ commit, branch, target: 'main', ...(lease === undefined ? {} : { lease }) });
  assert.match(JSON.stringify(await push()), /no remote to push to/);
  assert.equal(await landing.hasRemote('main'), false);
  const remote = join(place.folder, 'remote.git');
  place.git('clone', '--quiet', '--bare', place.root, remote);
  place.git('remote', 'add', 'origin', remote);
  place.gitIn(remote, 'update-ref', 'refs/heads/loop/fix-1', made.base);
  assert.match(JSON.stringify(await push(null)), /stale info|rejected/, 'somebody’s branch of that name is there');
  assert.deepEqual(await push(made.base), { to: 'origin/loop/fix-1' });
  assert.deepEqual(await push(null), { to: 'origin/loop/fix-1' }, 'asked again after a crash');
  place.gitIn(remote, 'update-ref', 'refs/heads/main', made.base);
  assert.deepEqual(await push(undefined, 'main'), { to: 'origin/main' });
  assert.equal(place.gitIn(remote, 'rev-parse', 'main'), commit);
  assert.equal(place.git('for-each-ref', 'refs/remotes'), '', 'nothing of the operator’s was written');
  const fired = join(place.folder, 'fired-ext');
  place.git('config', 'remote.origin.url', `ext::sh -c "touch ${fired}; cat"`);
  assert.match(JSON.stringify(await push()), /transport 'ext' not allowed/);
  assert.equal(existsSync(fired), false);
});
