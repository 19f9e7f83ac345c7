/** Runs whose agent keeps books beside its output: every response counts once, whatever happens to the supervisor or the session. */
import assert from 'node:assert/strict';
import { chmodSync, globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Stage } from './stage.ts';

const CODEX = resolve('test/fixtures/codex.mjs');

async function stageOf(env: Readonly<Record<string, string>>): Promise<Stage> {
  chmodSync(CODEX, 0o755);
  const maker = { engine: 'codex', model: 'gpt-6.1-sol', permission: 'plan' };
  const surroundings = { env, inside: ([program = '', ...args]: readonly string[]) => [program, ...args] as const };
  const stage = await Stage.set([{ name: 'fix', front: { agents: { maker } } }], {}, surroundings);
  stage.env.CODEX_HOME = join(stage.folder, 'codex');
  const config = { engines: { codex: { command: [process.execPath, CODEX] } } };
  await stage.write({ '../config/looptop/config.json': JSON.stringify(config) });
  return stage;
}

/** Responses that the agent wrote down. */
const written = (stage: Stage): number =>
  globSync(join(stage.folder, 'codex', '**', '*.jsonl'))
    .map((file) => readFileSync(file, 'utf8').split('"token_usage_record"').length - 1)
    .reduce((sum, count) => sum + count, 0);

const total = (responses: number) => ({ input: 100 * responses, output: 10 * responses });
const spent = ({ tokens }: { tokens: { input: number; output: number } }) => ({
  input: tokens.input,
  output: tokens.output,
});

describe('an agent with books of its own', { concurrency: true }, () => {
  test('is metered while it runs, and exactly once across supervisors that were killed', async () => {
    await using stage = await stageOf({ CODEX_RECORDS: '20', CODEX_EVERY_MS: '300' });
    const first = await stage.supervisorPid();
    await stage.must('run', 'fix');
    await stage.until('fix-1', (run) => run.tokens.input >= 300);
    process.kill(first, 'SIGKILL');
    await sleep(700);
    const second = await stage.supervisorPid();
    const [adopted] = await stage.ls();
    assert.ok((adopted?.tokens.input ?? 0) >= 300, 'nothing was forgotten');
    await stage.until('fix-1', (run) => run.tokens.input >= 1000);
    process.kill(second, 'SIGKILL');
    const done = await stage.until('fix-1', (run) => run.state === 'review');
    assert.deepEqual(spent(done), total(20));
    assert.equal(done.provenance, 'exact');
  });

  test('stops at the response that crosses its cap, and its next process pays for its own only', async () => {
    await using stage = await stageOf({ CODEX_RECORDS: '6', CODEX_EVERY_MS: '400' });
    const said = await stage.cli('run', 'fix', '--wait', '--set', 'budget.tokens=250');
    assert.equal(said.code, 4, said.stderr + said.stdout);
    const [stopped] = await stage.ls();
    assert.deepEqual(spent(stopped ?? assert.fail()), total(3));
    assert.equal(written(stage), 3, 'it made no other request');
    await stage.must('budget', 'fix-1', '--tokens', '+100k');
    const done = await stage.until('fix-1', (run) => run.state === 'review');
    assert.equal(done.session, stopped?.session);
    assert.deepEqual(spent(done), total(9));
    assert.equal(written(stage), 9);
  });

  test('whose books cannot be found is metered by what it prints, and hides what that leaves out', async () => {
    await using stage = await stageOf({ CODEX_NO_BOOKS: '1' });
    const said = await stage.cli('run', 'fix', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    const [run] = await stage.ls();
    assert.deepEqual(spent(run ?? assert.fail()), total(3));
    assert.equal(run?.model, 'gpt-6.1-sol');
    assert.equal(run?.provenance, 'unknown');
  });
});
