/** What the doctor says of engines: programs, homes and variables of our own making. */
import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { loginCommand, PROGRAM_NAMES, PROGRAMS, type ProgramName } from '../../../source/agents/programs.ts';
import { compare, type EngineFinding, engineFindings } from '../../../source/commands/doctor/engines.ts';
import type { Finding } from '../../../source/commands/doctor/finding.ts';
import { loginOf } from '../../../source/commands/doctor/login.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'looptop-engines-'));
  await program('exact', `echo "claude ${PROGRAMS.claude.measured} (Claude Code)"`);
  await program('older', 'echo codex-cli 0.99.3');
  await program('newer', 'echo 99.0.0');
  await program('hangs', 'exec sleep 60');
  await program('mute', 'true');
});
after(() => rm(folder, { recursive: true, force: true }));

async function program(name: string, script: string): Promise<void> {
  const file = join(folder, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

const command = (name: string) => ({ command: [join(folder, name)] });
const isEngine = (finding: Finding): finding is EngineFinding => 'engine' in finding;

test('each engine is found with its version, told apart from the measured one, in bounded time', async () => {
  const began = performance.now();
  const findings = await engineFindings({
    claude: command('exact'),
    codex: command('older'),
    gemini: command('newer'),
    opencode: command('hangs'),
    grok: command('mute'),
    acp: { command: [join(folder, 'exact'), '--acp'] },
  });
  assert.ok(performance.now() - began < 15_000, 'the one that hangs is given up after 5 s');
  const by = Object.fromEntries(findings.map((finding) => [finding.name, finding]));
  assert.equal(by['engine claude']?.version, PROGRAMS.claude.measured);
  assert.doesNotMatch(by['engine claude']?.advice ?? '', /measured/);
  assert.match(
    by['engine codex']?.advice ?? '',
    /^older than 0\.169\.0.*npm install --global @openai\/codex@0\.169\.0/,
  );
  assert.match(by['engine gemini']?.advice ?? '', /^newer than 0\.61\.0/);
  for (const name of ['engine opencode', 'engine grok']) {
    assert.deepEqual([by[name]?.state, by[name]?.version], ['poor', null]);
    assert.match(by[name]?.advice ?? '', /does not tell its version/);
  }
  assert.deepEqual([by['engine acp']?.state, by['engine acp']?.detail], ['ok', `${join(folder, 'exact')} --acp`]);
});

test('what looptop can do with an engine is said, and what its meter lacks', async () => {
  const findings = await engineFindings({ claude: command('exact'), grok: command('exact') });
  const detail = (name: string) => findings.find((finding) => finding.name === name)?.detail ?? '';
  assert.match(detail('engine claude'), /takes notes, resumes with any model, meter live, wire$/);
  assert.match(detail('engine grok'), /takes no notes, .*hides the title of a sub-agent/);
});

test('an engine that is not there says what to install, in the version that was measured', async () => {
  const missing = { command: ['no-such-program'] };
  const findings = await engineFindings(Object.fromEntries(PROGRAM_NAMES.map((name) => [name, missing])));
  for (const finding of findings.filter(isEngine)) {
    assert.equal(finding.state, 'missing');
    assert.match(
      finding.advice ?? '',
      new RegExp(`^npm install --global \\S+@${finding.engine.measured.replaceAll('.', '\\.')}, `),
    );
  }
  assert.equal(findings.find(({ name }) => name === 'engine acp')?.state, 'missing');
});

test('a login is a variable, or a file with something in it, wherever its folder was moved', async () => {
  const files: Record<ProgramName, string> = {
    claude: '.claude/.credentials.json',
    codex: '.codex/auth.json',
    gemini: '.gemini/oauth_creds.json',
    opencode: '.local/share/opencode/auth.json',
    grok: '.grok/auth.json',
  };
  for (const name of PROGRAM_NAMES) {
    const HOME = join(folder, `home-${name}`);
    const path = join(HOME, files[name]);
    assert.equal(loginOf(PROGRAMS[name], { HOME }), null, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '{}');
    assert.equal(loginOf(PROGRAMS[name], { HOME }), null, `${name} after a logout`);
    await writeFile(path, '{"token":"t"}');
    assert.equal(loginOf(PROGRAMS[name], { HOME }), path);
    const [variable = ''] = PROGRAMS[name].keys;
    assert.equal(loginOf(PROGRAMS[name], { HOME, [variable]: 'k' }), variable);
  }
  assert.equal(
    loginOf(PROGRAMS.codex, { HOME: '/nowhere', CODEX_HOME: join(folder, 'home-codex', '.codex') }),
    join(folder, 'home-codex', '.codex', 'auth.json'),
  );
});

test('a version is compared by its numbers', () => {
  assert.ok(compare('2.1.9', '2.1.330') < 0);
  assert.ok(compare('2.10.0', '2.9.9') > 0);
  assert.equal(compare('1.0.41', '1.0.41-beta.2'), 0);
});

test('every engine has a command to log in with, or words for it', () => {
  assert.equal(loginCommand('grok'), 'grok login');
  assert.match(loginCommand('acp'), /engines\.acp\.command/);
  assert.match(loginCommand('shell'), /own command/);
});
