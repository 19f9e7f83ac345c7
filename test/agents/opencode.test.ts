/** What opencode is started with, and what the reader makes of every recorded run: its events, its end and its bill. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { opencode } from '../../source/agents/opencode.ts';
import { createOpencodeReader } from '../../source/agents/opencode-reader.ts';
import type { AgentEvent } from '../../source/loop/agent-event.ts';
import { add, type Tokens } from '../../source/loop/tokens.ts';
import { billOf, linesOf, type Recording, readAll, recordingsOf } from './recordings.ts';
import { agent, spec } from './specs.ts';

const of = <T extends AgentEvent['type']>(events: readonly AgentEvent[], type: T) =>
  events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type);

const SIGNALS: Record<string, number> = { SIGINT: 130, SIGTERM: 143, SIGKILL: 137 };
const codeOf = ({ exit }: Recording) => exit.code ?? SIGNALS[exit.signal ?? ''] ?? null;

const replay = (recording: Recording): AgentEvent[] => {
  const reader = createOpencodeReader(modelOf(recording));
  return [...readAll(reader, linesOf(recording.file)), ...reader.end(codeOf(recording))];
};
const modelOf = ({ file }: Recording) => (file.includes('c-other-model') ? 'mock/mock-strong' : 'mock/mock-model');

const recording = (name: string): Recording => {
  const found = recordingsOf('opencode').find(({ file }) => file === `opencode-${name}.jsonl`);
  assert.ok(found, name);
  return found;
};

/** The true bill of step n; this provider reports its cache writes as plain input. */
const step = (n: number): Tokens => {
  const reasoning = 5;
  return { input: 1300 + 11 * n, cacheRead: 20_000 + 100 * n, cacheWrite: 0, output: 40 + n, reasoning };
};
const MODEL = 'mock-model';
const one = { [MODEL]: step(0) };
const two = { [MODEL]: add(step(0), step(1)) };
const none: Record<string, Tokens> = {};

const CUT = 'a response that was cut';

/** Name: how it ends, what it reports, what it hides, which limit it met. Those not here are done and report two steps. */
const OTHERS: Record<string, [string, Record<string, Tokens>, string[]?, string[]?]> = {
  'bad-model': ['failed', none],
  'err-400': ['api-error', none],
  'err-401': ['api-error', none, [], ['login']],
  'err-429-once': ['done', one],
  'max-tokens': ['failed', one],
  'perm-ask': ['failed', one],
  'resume-c-other-model': ['done', { 'mock-strong': add(step(0), step(1)) }],
  'resume-d-no-model-flag': ['done', one],
  'resume-e-unknown': ['failed', none],
  'sigint-mid-stream': ['interrupted', none, [CUT]],
  'sigint-mid-tool': ['interrupted', none, [CUT]],
  'sigkill-mid-tool': ['failed', none, [CUT]],
  'sigstop-120s': ['done', one],
  'sigstop-cont-mid-stream': ['done', one],
  'sigterm-mid-stream': ['interrupted', none, [CUT]],
  'sigterm-mid-tool': ['interrupted', none, [CUT]],
  subagent: ['done', two, ['what sub-agents spend']],
};

for (const each of recordingsOf('opencode')) {
  const name = each.file.slice('opencode-'.length, -'.jsonl'.length);
  const [outcome, bill, hidden = [], limits = []] = OTHERS[name] ?? ['done', two];
  test(`${each.file} ends as ${outcome}, with the bill of its steps and no unknown line`, () => {
    const events = replay(each);
    assert.deepEqual(
      of(events, 'ended').map((event) => event.outcome),
      [outcome],
    );
    assert.deepEqual(of(events, 'unknown'), []);
    assert.deepEqual(billOf(events), bill);
    assert.deepEqual(
      of(events, 'hidden').map(({ what }) => what),
      hidden,
    );
    assert.deepEqual(
      of(events, 'limited').map(({ why }) => why),
      limits,
    );
    assert.deepEqual(events, replay(each), 'the same lines make the same events');
  });
}

test('a session, a saying, a call with its result, and a bill per response', () => {
  const events = replay(recording('success-tool'));
  assert.deepEqual(
    events.map((event) => event.type),
    ['started', 'said', 'acted', 'observed', 'usage', 'said', 'usage', 'ended'],
  );
  assert.match(of(events, 'started')[0]?.session ?? '', /^ses_/);
  assert.equal(of(events, 'started')[0]?.model, 'mock/mock-model');
  assert.deepEqual(
    of(events, 'acted').map(({ tool, input }) => [tool, input]),
    [['bash', 'echo hi > out.txt']],
  );
});

test('a command that exits with 3, a tool that is not there and a refused one are failures', () => {
  for (const name of ['tool-fail', 'tool-unknown', 'perm-ask']) {
    assert.equal(of(replay(recording(name)), 'observed')[0]?.ok, false, name);
  }
});

test('a run that ended because nobody could give a permission says so', () => {
  const [ended] = of(replay(recording('perm-ask')), 'ended');
  assert.match(ended?.error ?? '', /refused a permission: bash: The user rejected permission/);
});

const line = (type: string, part: unknown = {}) => JSON.stringify({ type, sessionID: 'ses_1', part });
const failure = (data: unknown, name = 'APIError') =>
  JSON.stringify({ type: 'error', sessionID: 'ses_1', error: { name, data } });
const endOf = (code: number | null, ...lines: string[]) => {
  const reader = createOpencodeReader('p/m');
  return [...readAll(reader, lines), ...reader.end(code)];
};

test('a response that begins twice was cut once, and what that cost is hidden', () => {
  const tokens = { input: 10, output: 2, reasoning: 1, cache: { read: 5, write: 3 } };
  const finish = (id: string, reason: string) => line('step_finish', { id, reason, tokens });
  const events = endOf(0, line('step_start'), line('step_start'), finish('a', 'tool-calls'), line('step_start'));
  assert.equal(of(events, 'hidden').length, 2, 'the retried one, and the last that never ended');
  const clean = endOf(0, line('step_start'), finish('a', 'tool-calls'), line('step_start'), finish('b', 'stop'));
  assert.deepEqual(of(clean, 'hidden'), []);
  assert.deepEqual(billOf(clean), { m: { input: 20, cacheRead: 10, cacheWrite: 6, output: 6, reasoning: 2 } });
});

test('killed after its last word it has hidden nothing, between two responses perhaps', () => {
  const finish = (reason: string) => line('step_finish', { id: 'a', reason });
  assert.deepEqual(of(endOf(143, line('step_start'), finish('stop')), 'hidden'), []);
  assert.equal(of(endOf(143, line('step_start'), finish('tool-calls')), 'hidden').length, 1);
  assert.equal(of(endOf(137), 'hidden').length, 1);
  assert.deepEqual(of(endOf(143, failure({ message: 'refused', statusCode: 400 })), 'hidden'), []);
});

test('a limit says which, and for how long when the provider does', () => {
  const limits = (data: unknown, name?: string) =>
    of(endOf(1, failure(data, name)), 'limited').map(({ why, inMs }) => [why, inMs]);
  const headers = (entries: unknown) => ({ message: 'no', statusCode: 429, responseHeaders: entries });
  assert.deepEqual(limits(headers({})), [['rate', null]]);
  assert.deepEqual(limits(headers({ 'retry-after': '7' })), [['rate', 7000]]);
  assert.deepEqual(limits(headers({ 'retry-after-ms': '1500', 'retry-after': '7' })), [['rate', 1500]]);
  assert.deepEqual(limits(headers({ 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT' })), [['rate', null]]);
  assert.deepEqual(limits({ message: '5 hour usage limit reached', statusCode: 429 }), [['usage', null]]);
  assert.deepEqual(limits({ message: 'Overloaded', statusCode: 529 }), [['overloaded', null]]);
  assert.deepEqual(limits({ message: 'no key' }, 'ProviderAuthError'), [['login', null]]);
  assert.deepEqual(limits({ message: 'bad', statusCode: 400 }), []);
});

test('no line makes it throw, and what is not understood is kept', () => {
  const lines = recordingsOf('opencode').flatMap(({ file }) => linesOf(file).slice(0, 20));
  const broken = fc
    .tuple(fc.constantFrom(...lines), fc.nat(), fc.string())
    .map(([line, at, junk]) => line.slice(0, at % line.length) + junk);
  const typed = fc
    .tuple(fc.constantFrom('step_start', 'step_finish', 'text', 'tool_use', 'error', 'reasoning'), fc.jsonValue())
    .map(([type, value]) => JSON.stringify({ type, sessionID: value, part: value, error: value }));
  fc.assert(
    fc.property(fc.array(fc.oneof(broken, typed, fc.string())), fc.option(fc.nat(255)), (some, code) => {
      const reader = createOpencodeReader();
      for (const each of some) reader.read(each);
      assert.equal(of(reader.end(code), 'ended').length, 1);
    }),
    { numRuns: 300 },
  );
  assert.deepEqual(createOpencodeReader().read('Killed'), [{ type: 'unknown', raw: 'Killed' }]);
});

const optionOf = (argv: readonly string[], option: string) =>
  argv.includes(option) ? argv[argv.indexOf(option) + 1] : undefined;

test('the prompt is the whole of stdin and nowhere in argv', () => {
  const prompt = 'Fix it.\nSecond line: "quoted" – 日本語';
  const { argv, stdin } = opencode.start(spec({ prompt, command: ['nice', 'opencode'] }));
  assert.deepEqual(stdin, { kind: 'text', text: prompt });
  assert.deepEqual(argv.slice(0, 3), ['nice', 'opencode', 'run']);
  assert.ok(!argv.some((word) => word.includes('Fix it')));
  assert.equal(optionOf(argv, '--dir'), '/worktree', 'else it would work in $PWD');
});

test('a fresh session has a title, so that no model is asked for one; a resumed one takes the new model', () => {
  const fresh = opencode.start(spec({ model: 'p/m' })).argv;
  assert.deepEqual([optionOf(fresh, '--title'), optionOf(fresh, '--model')], ['looptop', 'p/m']);
  assert.ok(!fresh.includes('--session'));
  const resumed = opencode.start(spec({ resume: 'ses_1', model: 'p/strong' })).argv;
  assert.deepEqual([optionOf(resumed, '--session'), optionOf(resumed, '--model')], ['ses_1', 'p/strong']);
});

test('permissions: all is taken with --auto, nothing can be changed in plan and ask, tools of the loop file come on top', () => {
  const startOf = (permission: 'plan' | 'ask' | 'acceptEdits' | 'bypassPermissions', allow: string[] = []) =>
    opencode.start(spec({ agent: agent({ permission, effort: 'high', tools: { allow, deny: ['webfetch'] } }) }));
  const rules = (...args: Parameters<typeof startOf>) => JSON.parse(startOf(...args).env.OPENCODE_PERMISSION ?? '');
  assert.deepEqual(rules('acceptEdits'), { webfetch: 'deny' });
  assert.deepEqual(rules('plan'), { edit: 'deny', bash: 'deny', webfetch: 'deny' });
  const patterns = rules('ask', ['bash(git log*)', 'bash(git diff*)']);
  assert.deepEqual(Object.entries(patterns.bash), [
    ['*', 'deny'],
    ['git log*', 'allow'],
    ['git diff*', 'allow'],
  ]);
  assert.ok(startOf('bypassPermissions').argv.includes('--auto'));
  assert.ok(!startOf('acceptEdits').argv.includes('--auto'));
  assert.equal(optionOf(startOf('plan').argv, '--variant'), 'high');
  assert.equal(opencode.start(spec()).env.OPENCODE_PERMISSION, undefined);
});

test('on the wire every provider that is there has another base URL, and no other is there', () => {
  const configuration = (model: string, wire: string | null) =>
    JSON.parse(opencode.start(spec({ model, wire })).env.OPENCODE_CONFIG_CONTENT ?? '');
  const wire = 'http://127.0.0.1:1/t';
  assert.equal(configuration('anthropic/m', null).provider, undefined);
  assert.equal(configuration('anthropic/m', null).enabled_providers, undefined);
  const known = {
    anthropic: { options: { baseURL: 'http://127.0.0.1:1/t/anthropic/v1' } },
    openai: { options: { baseURL: 'http://127.0.0.1:1/t/openai' } },
    google: { options: { baseURL: 'http://127.0.0.1:1/t/google/v1beta' } },
    xai: { options: { baseURL: 'http://127.0.0.1:1/t/xai' } },
  };
  assert.deepEqual(configuration('google/m', wire).provider, known);
  const mine = configuration('mine/a/b', wire);
  assert.deepEqual(mine.provider, { mine: { options: { baseURL: 'http://127.0.0.1:1/t/mine' } }, ...known });
  assert.deepEqual(mine.enabled_providers, ['mine', 'anthropic', 'openai', 'google', 'xai']);
  assert.equal(configuration('mine/a/b', wire).experimental.continue_loop_on_deny, true);
});
