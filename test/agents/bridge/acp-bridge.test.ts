/** The bridge, as the supervisor starts it, with a real agent of a few lines behind it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { acp } from '../../../source/agents/acp.ts';
import type { StartSpec } from '../../../source/agents/engine.ts';
import type { McpServer } from '../../../source/agents/mcp/server.ts';
import type { AgentEvent } from '../../../source/loop/agent-event.ts';
import { AgentError } from '../../../source/loop/errors.ts';
import { type Driven, type Driver, drive } from '../drive.ts';
import { agent, spec } from '../specs.ts';

const AGENT = fileURLToPath(new URL('../../fixtures/acp-agent.ts', import.meta.url));
const WHERE = fileURLToPath(new URL('../../..', import.meta.url));

const cache = mkdtempSync(join(tmpdir(), 'looptop-acp-'));
after(() => rmSync(cache, { recursive: true, force: true }));

interface Play {
  readonly flags?: readonly string[];
  readonly change?: Partial<StartSpec>;
  readonly on?: (event: AgentEvent, driver: Driver) => void;
}

async function play(prompt: string, { flags = [], change = {}, on = () => undefined }: Play = {}): Promise<Driven> {
  const launch = acp.start(
    spec({ command: [process.execPath, AGENT, ...flags], model: 'standard', prompt, ...change }),
  );
  // Compiled once for all of them; the limit is for a machine with ten times its load.
  const env = { NODE_COMPILE_CACHE: cache };
  return drive(launch, acp.reader(), { cwd: WHERE, env, limitMs: 60_000, on });
}

const of = <T extends AgentEvent['type']>({ events }: Driven, type: T) =>
  events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type);
const said = (driven: Driven) => of(driven, 'said').map(({ text }) => text);
const outcomes = (driven: Driven) => of(driven, 'ended').map(({ outcome }) => outcome);

// Each is two processes that mostly wait for each other.
describe('the ACP bridge', { concurrency: 4 }, () => {
  test('a prompt is answered, billed and ended, and the end of the input ends the agent', async () => {
    const driven = await play('Hello. [plan]');
    assert.deepEqual(
      driven.events.map(({ type }) => type),
      ['started', 'said', 'thought', 'usage', 'ended'],
      driven.stderr,
    );
    assert.deepEqual(of(driven, 'started'), [{ type: 'started', session: 'session-1', model: 'plain-model' }]);
    assert.deepEqual(said(driven), ['I was told: Hello. [plan]']);
    assert.equal(of(driven, 'thought')[0]?.text, 'Plan:\n[x] First\n[ ] Then');
    const tokens = { input: 10, cacheRead: 100, cacheWrite: 3, output: 2, reasoning: 0 };
    assert.deepEqual(of(driven, 'usage'), [
      { type: 'usage', key: 'turn-1:plain-model', model: 'plain-model', tokens, final: true },
    ]);
    assert.equal(driven.code, 0);
  });

  test('an agent that tells nothing of its usage hides it', async () => {
    const driven = await play('Hello. [free]');
    assert.equal(of(driven, 'hidden').length, 1);
    assert.deepEqual(of(driven, 'usage'), []);
  });

  for (const resume of [null, 'session-1'])
    test(`MCP servers are named when a session is ${resume === null ? 'opened' : 'resumed'}, with no secret in the command line, and what the agent cannot reach is said`, async () => {
      const secret = "p'4$$w0rd";
      const servers: McpServer[] = [
        { name: 'github', type: 'stdio', command: 'npx', args: ['-y', 'x y'], env: { TOKEN: secret } },
        { name: 'docs', type: 'http', url: 'https://docs.example/mcp', headers: { Authorization: secret } },
      ];
      const change = { mcp: { servers, others: [] }, promptFile: join(cache, 'prompt.md'), resume };
      const launch = acp.start(spec({ command: ['x'], model: 'standard', prompt: '', ...change }));
      assert.doesNotMatch(JSON.stringify([launch.argv, launch.env]), /p'4/);
      for (const [name, text] of Object.entries(launch.files ?? {})) writeFileSync(join(cache, name), text);
      const driven = await play('[servers]', { change });
      assert.deepEqual(JSON.parse(said(driven).join('').replace('I was told: [servers]', '')), [
        { name: 'github', command: 'npx', args: ['-y', 'x y'], env: [{ name: 'TOKEN', value: secret }] },
      ]);
      assert.match(of(driven, 'warned')[0]?.text ?? '', /cannot reach the MCP server docs/);
    });

  test('a tool call is an action and an observation, and its exit code decides', async () => {
    const driven = await play('Do it. [tool]');
    assert.deepEqual(
      of(driven, 'acted').map(({ id, tool, input }) => [id, tool, input]),
      [['t1', 'execute', 'ls']],
    );
    assert.deepEqual(
      of(driven, 'observed').map(({ id, ok, output }) => [id, ok, output]),
      [['t1', false, 'no']],
    );
  });

  for (const [permission, kind, answer] of [
    ['bypassPermissions', 'execute', 'yes'],
    ['acceptEdits', 'edit', 'yes'],
    ['plan', 'edit', 'no'],
    ['plan', 'read', 'yes'],
  ] as const) {
    test(`with ${permission} a request to ${kind} is answered with "${answer}" by itself`, async () => {
      const driven = await play(`[ask ${kind}]`, { change: { agent: agent({ permission }) } });
      assert.deepEqual(said(driven).slice(1), [`Answer: ${answer}.`]);
      assert.deepEqual(of(driven, 'asked'), []);
      assert.equal(of(driven, 'acted')[0]?.input, `${kind} it`);
    });
  }

  for (const [words, answer, heard] of [
    ['yes', 'yes', []],
    ['no', 'no', []],
    ['use printf instead', 'no', ['use printf instead']],
  ] as const) {
    test(`a person is asked and says "${words}"`, async () => {
      const driven = await play('[ask execute]', {
        change: { agent: agent({ permission: 'acceptEdits' }) },
        on(event, driver) {
          if (event.type === 'asked') driver.write(acp.tell(words, event.id));
        },
      });
      assert.deepEqual(of(driven, 'asked'), [{ type: 'asked', id: 'ask-execute', question: 'execute: execute it?' }]);
      assert.deepEqual(of(driven, 'answered'), [{ type: 'answered', id: 'ask-execute' }]);
      assert.ok(said(driven).includes(`Answer: ${answer}.`));
      assert.deepEqual(
        of(driven, 'heard').map(({ text }) => text),
        heard,
      );
    });
  }

  test('a note in mid-turn becomes the next prompt of the same session, before the bridge is idle', async () => {
    const driven = await play('Begin. [slow]', {
      on(event, driver) {
        if (event.type === 'started') driver.write(acp.tell('Mind the gap.', null));
      },
    });
    assert.deepEqual(said(driven), ['I was told: Begin. [slow]', 'I was told: Mind the gap.']);
    assert.deepEqual(of(driven, 'heard'), [{ type: 'heard', text: 'Mind the gap.' }]);
    assert.deepEqual(outcomes(driven), ['done', 'done']);
    assert.equal(driven.lines.filter((line) => line === '{"type":"idle"}').length, 1);
    assert.equal(of(driven, 'usage').length, 2);
  });

  test('a note with the words of the prompt is heard as well', async () => {
    const driven = await play('Same. [slow]', {
      on(event, driver) {
        if (event.type === 'started') driver.write(acp.tell('Same. [slow]', null));
      },
    });
    assert.equal(of(driven, 'heard').length, 1);
  });

  test('an interrupt ends the turn politely, with its bill', async () => {
    const driven = await play('[wait]', {
      on(event, driver) {
        if (event.type === 'started') setTimeout(() => driver.write(acp.interrupt()), 100);
      },
    });
    assert.deepEqual(outcomes(driven), ['interrupted']);
    assert.equal(of(driven, 'usage').length, 1);
    assert.equal(driven.code, 0);
  });

  test('an interrupt while a person is asked ends the question and the turn', async () => {
    const driven = await play('[ask execute][wait]', {
      change: { agent: agent({ permission: 'ask' }) },
      on(event, driver) {
        if (event.type === 'asked') driver.write(acp.interrupt());
        if (event.type === 'said' && event.text.startsWith('Answer')) driver.write(acp.interrupt());
      },
    });
    assert.deepEqual(said(driven).slice(1), ['Answer: none.']);
    assert.deepEqual(outcomes(driven), ['interrupted']);
  });

  test('the model is set where the agent has it, and refused in words where it has not', async () => {
    const strong = await play('Hello.', { change: { model: 'strong-model' } });
    assert.equal(of(strong, 'started')[0]?.model, 'strong-model');
    assert.equal(of(strong, 'usage')[0]?.model, 'strong-model');
    const none = await play('Hello.', { change: { model: 'no-model' } });
    assert.match(of(none, 'ended')[0]?.error ?? '', /no-model .*it offers plain-model, strong-model/);
    assert.equal(none.code, 1);
    const fixed = await play('Hello.', { flags: ['--plain'], change: { model: 'strong-model' } });
    assert.match(of(fixed, 'ended')[0]?.error ?? '', /engines\.acp\.command/);
  });

  test('a session is resumed, or loaded without its replay, or refused', async () => {
    const change = { resume: 'session-0' };
    for (const flags of [[], ['--load']]) {
      const driven = await play('More. [slow]', { flags, change });
      assert.deepEqual(said(driven), ['I was told: More. [slow]']);
      assert.equal(of(driven, 'started')[0]?.session, 'session-0');
    }
    const refused = await play('More.', { flags: ['--plain'], change });
    assert.match(of(refused, 'ended')[0]?.error ?? '', /cannot go on with an earlier session/);
  });

  test('an agent that dies in mid-turn fails the run and hides what the turn cost', async () => {
    const driven = await play('[crash]');
    assert.deepEqual(outcomes(driven), ['failed']);
    assert.match(of(driven, 'ended')[0]?.error ?? '', /in the middle of a turn: exit code 7/);
    assert.equal(of(driven, 'hidden').length, 1);
    assert.equal(driven.code, 1);
  });

  test('an agent that hangs up and lives on is ended', async () => {
    const driven = await play('[close]', { flags: ['--deaf'] });
    assert.match(of(driven, 'ended')[0]?.error ?? '', /ended by SIGKILL/);
  });

  test('an agent that is not there, or wants a login, says so', async () => {
    const missing = await play('Hello.', { change: { command: ['/no/such/agent'] } });
    assert.match(of(missing, 'ended')[0]?.error ?? '', /cannot be started/);
    const login = await play('Hello.', { flags: ['--login'] });
    assert.deepEqual(
      of(login, 'limited').map(({ why }) => why),
      ['login'],
    );
    assert.equal(of(login, 'ended')[0]?.outcome, 'api-error');
  });

  test('an agent that hears neither the end of its input nor SIGTERM is gone when the bridge is', async () => {
    const mark = `--mark-${process.pid}`;
    const driven = await play('Hello.', { flags: ['--deaf', mark] });
    assert.deepEqual(outcomes(driven), ['done']);
    assert.equal(driven.code, 0);
    assert.doesNotMatch(execFileSync('ps', ['-eo', 'args']).toString(), new RegExp(`acp-agent.*${mark}`));
  });

  test('SIGTERM takes the agent along', async () => {
    const mark = `--mark-term-${process.pid}`;
    const driven = await play('[wait]', {
      flags: [mark],
      on(event, driver) {
        if (event.type === 'started') setTimeout(() => driver.kill('SIGTERM'), 100);
      },
    });
    assert.equal(driven.code, 143);
    assert.deepEqual(outcomes(driven), ['interrupted']);
    assert.equal(of(driven, 'hidden').length, 1);
    assert.doesNotMatch(execFileSync('ps', ['-eo', 'args']).toString(), new RegExp(`acp-agent.*${mark}`));
  });

  test('a limit of the provider and a refusal are told apart from a failure', async () => {
    const limited = await play('[429]');
    assert.deepEqual(
      of(limited, 'limited').map(({ why }) => why),
      ['rate'],
    );
    assert.deepEqual(outcomes(limited), ['api-error']);
    assert.deepEqual(outcomes(await play('[refuse]')), ['refused']);
  });

  test('a text of two million characters and noise before the protocol do no harm', async () => {
    const driven = await play('[long]', { flags: ['--noise'] });
    assert.deepEqual(outcomes(driven), ['done'], driven.stderr);
    assert.ok(said(driven).every((text) => text.length <= 4000));
  });

  test('what the protocol cannot is said before the start', async () => {
    assert.throws(() => acp.start(spec({ command: ['acp'] })), AgentError);
    const deny = agent({ tools: { allow: [], deny: ['Bash'] } });
    assert.throws(() => acp.start(spec({ command: ['x'], agent: deny })), /cannot keep an agent from a tool/);
    const driven = await play('Hello.', { change: { agent: agent({ turns: 3, effort: 'high' }) } });
    assert.deepEqual(
      of(driven, 'warned').map(({ text }) => text.split(':')[0]),
      ['turns', 'effort'],
    );
  });
});
