/** What gemini is started with, and what the reader makes of every recorded run: its events, its end and its bill. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { gemini } from '../../source/agents/gemini.ts';
import { createGeminiReader } from '../../source/agents/gemini-reader.ts';
import type { AgentEvent } from '../../source/loop/agent-event.ts';
import { add, NO_TOKENS, type Tokens } from '../../source/loop/tokens.ts';
import { billOf, linesOf, type Recording, readAll, recordingsOf } from './recordings.ts';
import { agent, spec } from './specs.ts';

const of = <T extends AgentEvent['type']>(events: readonly AgentEvent[], type: T) =>
  events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type);

/** What a shell would report of the recorded end. */
const codeOf = ({ exit }: Recording) => exit.code ?? 137;

const replay = (recording: Recording): AgentEvent[] => {
  const reader = createGeminiReader();
  return [...readAll(reader, linesOf(recording.file)), ...reader.end(codeOf(recording))];
};

const recording = (name: string): Recording => {
  const found = recordingsOf('gemini').find(({ file }) => file === `gemini-${name}.jsonl`);
  assert.ok(found, name);
  return found;
};

/** The true bill of step n; the provider reports its cache writes as plain input. */
const step = (n: number): Tokens => {
  const reasoning = 5;
  return { input: 1300 + 11 * n, cacheRead: 20_000 + 100 * n, cacheWrite: 0, output: 40 + n, reasoning };
};
const steps = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => step(from + n)).reduce(add, NO_TOKENS);

const PRO = 'gemini-3.1-pro-preview';
const one = { [PRO]: step(0) };
const two = { [PRO]: steps(0, 1) };
const none = {};
const helper: Tokens = { input: 155 + 15, cacheRead: 1500, cacheWrite: 0, output: 35, reasoning: 0 };

const KILLED = 'the requests of a run that was killed';
const CUT = 'a response that was cut';

/** Name: how it ends, what it costs, what it hides, which limit it met. Those not here are done and cost two steps. */
const OTHERS: Record<string, [string, Record<string, Tokens>, string[]?, string[]?]> = {
  'cut-late': ['failed', none, [CUT]],
  'err-400': ['api-error', none],
  'err-429': ['api-error', none, [], ['rate']],
  'err-429-once': ['done', one],
  'err-500': ['api-error', none],
  'err-500-limit60': ['failed', none, [KILLED]],
  'err-503': ['api-error', none, [], ['overloaded']],
  'max-tokens': ['done', one],
  'max-turns': ['max-turns', two],
  'no-trust': ['failed', none],
  'resume-c-other-model': ['done', { 'gemini-2.5-flash': steps(0, 1) }],
  'sigint-mid-stream': ['interrupted', none, [KILLED]],
  'sigint-mid-tool': ['interrupted', none, [KILLED]],
  'sigkill-mid-tool': ['failed', none, [KILLED]],
  'sigkill-root-relaunch': ['failed', none, [KILLED]],
  'sigstop-120s': ['done', one],
  'sigstop-cont-mid-stream': ['done', one],
  'sigterm-mid-tool': ['interrupted', none, [KILLED]],
  // The sub-agent, past the end of its scenario, was asked once more for its result.
  subagent: ['done', { [PRO]: add(steps(0, 2), helper) }],
};

for (const each of recordingsOf('gemini')) {
  const name = each.file.slice('gemini-'.length, -'.jsonl'.length);
  const [outcome, bill, hidden = [], limits = []] = OTHERS[name] ?? ['done', two];
  test(`${each.file} ends as ${outcome}, with its true bill and no unknown line`, () => {
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

test('pieces of text become one saying, before the call that follows it', () => {
  const events = replay(recording('success-tool'));
  assert.deepEqual(
    events.map((event) => event.type),
    ['started', 'said', 'acted', 'observed', 'said', 'usage', 'ended'],
  );
  assert.equal(of(events, 'said')[0]?.text, 'I will write out.txt.');
  const [acted] = of(events, 'acted');
  assert.deepEqual([acted?.tool, acted?.input], ['run_shell_command', 'echo hi > out.txt']);
  assert.equal(of(events, 'observed')[0]?.id, acted?.id);
});

test('a long speech is shown before it ends, whole lines at a time, and none of it is lost', () => {
  const reader = createGeminiReader();
  const words = Array.from({ length: 700 }, (_, n) => `word ${n}${n % 20 === 0 ? '\n' : ' '}`);
  const piece = (content: string) => JSON.stringify({ type: 'message', role: 'assistant', content, delta: true });
  const early = words.flatMap((word) => of(reader.read(piece(word)), 'said'));
  assert.ok(early.length > 3);
  const all = [...early, ...of(reader.end(0), 'said')].map(({ text }) => text).join('\n');
  assert.deepEqual(all.split(/\s+/), words.join('').trim().split(/\s+/));
});

test('an unknown tool failed, a failing command cannot be told from one that did not', () => {
  assert.equal(of(replay(recording('tool-unknown')), 'observed')[0]?.ok, false);
  assert.equal(of(replay(recording('tool-fail')), 'observed')[0]?.ok, true);
});

const endOf = (code: number | null, ...lines: unknown[]) => {
  const reader = createGeminiReader();
  return [
    ...readAll(
      reader,
      lines.map((line) => JSON.stringify(line)),
    ),
    ...reader.end(code),
  ];
};
const init = { type: 'init', session_id: 's', model: 'm' };
const outcomeOf = (events: readonly AgentEvent[]) => of(events, 'ended').map(({ outcome }) => outcome);

test('a success that the client itself broke off is none', () => {
  const success = { type: 'result', status: 'success', stats: {} };
  const warning = (message: string) => ({ type: 'error', severity: 'warning', message });
  assert.deepEqual(outcomeOf(endOf(0, init, warning('Maximum session turns exceeded'), success)), ['max-turns']);
  const circles = endOf(0, init, warning('Loop detected, stopping execution'), success);
  assert.deepEqual(outcomeOf(circles), ['failed']);
  assert.equal(of(circles, 'hidden').length, 1, 'the response that it broke off');
  assert.deepEqual(outcomeOf(endOf(0, init, warning('Some hook has a remark'), success)), ['done']);
  const blocked = warning('The model response was blocked due to safety settings.');
  assert.deepEqual(outcomeOf(endOf(0, init, blocked, { ...success, status: 'error' })), ['refused']);
  assert.deepEqual(outcomeOf(endOf(1, init, success)), ['failed'], 'a success needs the exit code too');
});

test('a refused login and a used-up allowance are told apart from too many requests', () => {
  const failure = (message: string) => ({ type: 'result', status: 'error', error: { message }, stats: {} });
  const limits = (events: readonly AgentEvent[]) => of(events, 'limited').map(({ why, inMs }) => [why, inMs]);
  assert.deepEqual(limits(endOf(41)), [['login', null]]);
  assert.deepEqual(limits(endOf(401 % 256, init, failure('API key not valid'))), [['login', null]]);
  assert.deepEqual(limits(endOf(529 % 256, init, failure('Overloaded'))), [['overloaded', null]]);
  const waits = 'Quota exceeded for metric x. Please retry in 37.5s.';
  assert.deepEqual(limits(endOf(173, init, failure(waits))), [['rate', 37_500]]);
  const daily = 'You have exhausted your daily quota on this model.';
  assert.deepEqual(limits(endOf(173, init, failure(daily))), [['usage', null]]);
});

test('no line makes it throw, and what is not understood is kept', () => {
  const lines = recordingsOf('gemini').flatMap(({ file }) => linesOf(file).slice(0, 20));
  const broken = fc
    .tuple(fc.constantFrom(...lines), fc.nat(), fc.string())
    .map(([line, at, junk]) => line.slice(0, at % line.length) + junk);
  const typed = fc
    .tuple(fc.constantFrom('init', 'message', 'tool_use', 'tool_result', 'error', 'result'), fc.jsonValue())
    .map(([type, value]) => JSON.stringify({ ...Object(value), type, error: value, stats: value, parameters: value }));
  fc.assert(
    fc.property(fc.array(fc.oneof(broken, typed, fc.string())), fc.option(fc.nat(255)), (some, code) => {
      const reader = createGeminiReader();
      for (const line of some) reader.read(line);
      assert.equal(of(reader.end(code), 'ended').length, 1);
    }),
    { numRuns: 300 },
  );
  assert.deepEqual(createGeminiReader().read('Killed'), [{ type: 'unknown', raw: 'Killed' }]);
});

const optionOf = (argv: readonly string[], option: string) =>
  argv.includes(option) ? argv[argv.indexOf(option) + 1] : undefined;

test('the prompt is the whole of stdin and nowhere in argv', () => {
  const prompt = 'Fix it.\nSecond line: "quoted" – 日本語';
  const { argv, env, stdin, files } = gemini.start(spec({ prompt, command: ['nice', 'gemini'] }));
  assert.deepEqual(stdin, { kind: 'text', text: prompt });
  assert.deepEqual(argv.slice(0, 2), ['nice', 'gemini']);
  assert.ok(!argv.some((word) => word.includes('Fix it')));
  assert.equal(env.GEMINI_CLI_NO_RELAUNCH, 'true');
  assert.equal(files, undefined, 'there is nothing that needs a file');
});

test('a fresh session gets our id, a resumed one keeps its own and takes the new model', () => {
  const fresh = gemini.start(spec()).argv;
  assert.equal(optionOf(fresh, '--session-id'), spec().session);
  assert.ok(!fresh.includes('--resume'));
  const resumed = gemini.start(spec({ resume: 'abc', model: PRO })).argv;
  assert.deepEqual([optionOf(resumed, '--resume'), optionOf(resumed, '--model')], ['abc', PRO]);
  assert.ok(!resumed.includes('--session-id'));
});

test('edits come with the shell, unless the loop says which commands or is given all or none', () => {
  const argvOf = (permission: 'plan' | 'ask' | 'acceptEdits' | 'bypassPermissions', allow: string[] = []) =>
    gemini.start(spec({ agent: agent({ permission, tools: { allow, deny: [] } }) })).argv;
  const allowed = (argv: readonly string[]) => argv.filter((_, n) => argv[n - 1] === '--allowed-tools');
  const mode = (argv: readonly string[]) => optionOf(argv, '--approval-mode');
  assert.deepEqual(
    (['plan', 'ask', 'acceptEdits', 'bypassPermissions'] as const).map((each) => mode(argvOf(each))),
    ['plan', 'default', 'auto_edit', 'yolo'],
  );
  assert.deepEqual(allowed(argvOf('acceptEdits', ['web_fetch'])), ['run_shell_command', 'web_fetch']);
  assert.deepEqual(allowed(argvOf('acceptEdits', ['run_shell_command(git)'])), ['run_shell_command(git)']);
  assert.deepEqual(allowed(argvOf('plan')), []);
});

test('what it may never do goes into a policy beside the prompt', () => {
  const tools = { allow: [], deny: ['web_fetch', 'run_shell_command(git push "x")'] };
  const { argv, files } = gemini.start(spec({ agent: agent({ tools }), promptFile: '/run/1-maker/prompt.md' }));
  assert.equal(optionOf(argv, '--admin-policy'), '/run/1-maker/gemini-policy.toml');
  const rule = (...lines: string[]) => ['[[rule]]', ...lines, 'decision = "deny"', 'priority = 999', ''].join('\n');
  assert.equal(
    files?.['gemini-policy.toml'],
    [rule('toolName = "web_fetch"'), rule('toolName = "run_shell_command"', 'commandPrefix = "git push \\"x\\""')].join(
      '\n',
    ),
  );
});

test('on the wire its requests go to our base URL', () => {
  const { env } = gemini.start(spec({ wire: 'http://127.0.0.1:1/t' }));
  assert.equal(env.GOOGLE_GEMINI_BASE_URL, 'http://127.0.0.1:1/t/google');
  assert.equal(gemini.start(spec()).env.GOOGLE_GEMINI_BASE_URL, undefined);
});
