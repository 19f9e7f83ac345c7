/** Agents that have said their last word and stay, and some that only seem to. A few lines of shell speak claude's format. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { marked, Stage } from './stage.ts';

const SAY_INIT = `echo '{"type":"system","subtype":"init","session_id":"s1","model":"m"}'`;
const SAY_DONE = `echo '{"type":"result","subtype":"success","terminal_reason":"completed"}'`;
const SAY_TASK = `echo '{"type":"system","subtype":"background_tasks_changed","tasks":[{"task_id":"t1"}]}'`;
const SAY_NO_TASK = `echo '{"type":"system","subtype":"background_tasks_changed","tasks":[]}'`;
const FIX = 'echo fixed > answer.txt';

/** A run whose agent is this script, on a supervisor that takes a second of silence for the end. */
async function stageOf(...lines: string[]): Promise<Stage> {
  const front = { agents: { maker: { engine: 'claude' } } };
  const surroundings = {
    env: { LOOPTOP_QUIET_MS: '1000' },
    inside: ([program = '', ...args]: readonly string[]) => [program, ...args] as const,
  };
  const stage = await Stage.set([{ name: 'fix', front }], {}, surroundings);
  const config = { engines: { claude: { command: ['sh', '-c', `${lines.join('\n')}\n`] } } };
  await stage.write({ '../config/looptop/config.json': JSON.stringify(config) });
  return stage;
}

describe('an agent whose turn is over', { concurrency: true }, () => {
  test('is ended with what it left in the background, and its gates are run', async () => {
    await using stage = await stageOf(SAY_INIT, SAY_TASK, FIX, SAY_DONE, 'exec sleep 1004');
    const said = await stage.cli('run', 'fix', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    const events = (await stage.events()).map(({ event }) => event);
    assert.equal(events.filter(({ type }) => type === 'agent-planned').length, 1);
    const queued = events.find((event) => event.type === 'run-queued');
    assert.deepEqual(await marked(queued?.nonce ?? ''), []);
  });

  test('is left alone when the end of its input makes it work again', async () => {
    const late = ['cat > /dev/null', SAY_INIT, SAY_NO_TASK, 'sleep 7', FIX, SAY_DONE];
    await using stage = await stageOf(SAY_INIT, SAY_TASK, SAY_DONE, ...late);
    const said = await stage.cli('run', 'fix', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    assert.equal((await stage.ls())[0]?.pass, 1);
  });

  test('is not ended for being silent while it is frozen', async () => {
    await using stage = await stageOf(SAY_INIT, SAY_TASK, FIX, SAY_DONE, 'exec sleep 1005');
    await stage.must('run', 'fix');
    const { pid } = await stage.until('fix-1', (run) => run.session !== null && run.pid !== null);
    await stage.must('freeze', 'fix-1');
    await sleep(8000);
    const [frozen] = await stage.ls();
    assert.deepEqual([frozen?.state, frozen?.pid], ['frozen', pid]);
    await stage.must('resume', 'fix-1');
    await stage.until('fix-1', (run) => run.state === 'review');
  });

  test('is no reason to end one that is still at work', async () => {
    await using stage = await stageOf(SAY_INIT, 'sleep 3', FIX, SAY_DONE);
    const said = await stage.cli('run', 'fix', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    assert.equal((await stage.ls())[0]?.pass, 1);
  });
});
