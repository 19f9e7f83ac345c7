/** The bridge as a process: how it ends, and that whatever it started ends with it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ToBridge, toBridge } from '../../../source/agents/bridge/protocol.ts';
import { object, parseObject, text } from '../../../source/agents/json.ts';

const BRIDGE = fileURLToPath(new URL('../../../source/agents/bridge/codex-bridge.ts', import.meta.url));
const CODEX = fileURLToPath(new URL('../../fixtures/codex.mjs', import.meta.url));

function open(prompt: string | null, env: Record<string, string> = {}, command = [process.execPath, CODEX]) {
  const child = spawn(process.execPath, [BRIDGE, '--model', 'm', '--', ...command, 'app-server'], {
    env: { ...process.env, ...env },
  });
  const said: Record<string, unknown>[] = [];
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  child.stdin.on('error', () => undefined);
  createInterface({ input: child.stdout }).on('line', (line) => said.push({ ...parseObject(line) }));
  const tell = (line: ToBridge) => child.stdin.write(toBridge(line));
  if (prompt !== null) tell({ type: 'prompt', text: prompt });
  const gone = new Promise<number | string>((resolve) =>
    child.on('close', (code, signal) => resolve(code ?? signal ?? '')),
  );
  const until = async (type: string) => {
    for (let tries = 0; !said.some((one) => one.type === type); tries++) {
      assert.ok(tries < 1000, `never said ${type}: ${JSON.stringify(said).slice(0, 500)} ${stderr}`);
      await sleep(10);
    }
  };
  return {
    child,
    said,
    tell,
    gone,
    until,
    types: () => said.map(({ type }) => type),
    /** What the child wrote to its stderr: its pid. */
    codexPid: () => Number(stderr.trim().split('\n')[0]),
    stderr: () => stderr,
    [Symbol.dispose]() {
      child.kill('SIGKILL');
      const pid = Number(stderr.trim().split('\n')[0]);
      if (pid > 0 && existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
    },
  };
}

async function assertGone(pid: number): Promise<void> {
  assert.ok(pid > 0, 'it told its pid');
  for (let tries = 0; existsSync(`/proc/${pid}`); tries++) {
    assert.ok(tries < 500, 'it is still alive');
    await sleep(10);
  }
}

test('it plays a turn, and leaves with its agent when its input ends', async () => {
  using bridge = open('Do it.');
  await bridge.until('said');
  bridge.tell({ type: 'tell', text: 'finish', ask: null });
  await bridge.until('idle');
  assert.deepEqual(bridge.types(), ['started', 'said', 'ended', 'idle']);
  bridge.child.stdin.end();
  assert.equal(await bridge.gone, 0);
  await assertGone(bridge.codexPid());
});

test('the end of its input ends it only when its turn is over', async () => {
  using bridge = open('Do it.');
  await bridge.until('said');
  bridge.tell({ type: 'interrupt' });
  bridge.child.stdin.end();
  assert.equal(await bridge.gone, 0);
  assert.deepEqual(bridge.said.at(-2), { type: 'ended', outcome: 'interrupted' });
});

test('without a prompt, the end of its input is the end at once', async () => {
  using bridge = open(null);
  bridge.child.stdin.end();
  assert.equal(await bridge.gone, 0);
  await assertGone(bridge.codexPid());
});

test('SIGINT interrupts the turn politely, and then it leaves', async () => {
  using bridge = open('Do it.');
  await bridge.until('said');
  bridge.child.kill('SIGINT');
  assert.equal(await bridge.gone, 0);
  assert.deepEqual(bridge.said.at(-2), { type: 'ended', outcome: 'interrupted' });
  await assertGone(bridge.codexPid());
});

test('SIGTERM takes the agent along, even one that does not want to leave', async () => {
  using bridge = open('Do it.', { CODEX_STUBBORN: '1' });
  await bridge.until('said');
  bridge.child.kill('SIGTERM');
  assert.equal(await bridge.gone, 143);
  await assertGone(bridge.codexPid());
});

test('killed itself, its agent sees the end of its input and leaves', async () => {
  using bridge = open('Do it.');
  await bridge.until('said');
  bridge.child.kill('SIGKILL');
  await bridge.gone;
  await assertGone(bridge.codexPid());
});

test('an agent that dies is told, with its exit code', async () => {
  using bridge = open('die');
  assert.equal(await bridge.gone, 3);
  const ended = bridge.said.find(({ type }) => type === 'ended');
  assert.equal(ended?.outcome, 'failed');
  assert.match(text(ended?.error), /exit code 3; its stderr says why/);
  assert.match(bridge.stderr(), /^\d+\n/);
});

test('an agent that is not there is told', async () => {
  using bridge = open('x', {}, ['no-such-codex']);
  assert.equal(await bridge.gone, 127);
  assert.match(text(object(bridge.said.find(({ type }) => type === 'ended')).error), /not on the PATH/);
});

test('a line of three megabytes is one event, clipped', async () => {
  using bridge = open('long');
  await bridge.until('said');
  const said = bridge.said.find(({ type }) => type === 'said');
  assert.ok(text(said?.text).length <= 4000);
});
