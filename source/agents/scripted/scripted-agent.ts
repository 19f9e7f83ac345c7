/**
 * A program that behaves as claude does in headless mode and does what a scenario says: the agent of demos and tests.
 * `scripted-agent --scenario FILE [--model ID] [--session-id UUID | --resume ID] …`, prompt and notes as JSON lines on stdin.
 */
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { listen } from './hearing.ts';
import { readScenario, type Step } from './scenario.ts';
import { createSpeech } from './speech.ts';
import { type Mind, playTurn } from './turn.ts';

const { values } = parseArgs({
  // Claude's other options are taken and mean nothing here.
  strict: false,
  options: {
    scenario: { type: 'string' },
    model: { type: 'string' },
    'session-id': { type: 'string' },
    resume: { type: 'string' },
  },
});
const given = (value: unknown) => (typeof value === 'string' ? value : undefined);

async function main(): Promise<number> {
  const scenario = await readScenario(given(values.scenario) ?? '');
  const pass = Number(process.env.LOOPTOP_PASS ?? 1);
  const steps = scenario.passes[Math.min(Math.max(1, pass), scenario.passes.length) - 1] ?? [];
  const resumes = given(values.resume);
  const session = resumes ?? given(values['session-id']) ?? randomUUID();
  const model = given(values.model) ?? process.env.LOOPTOP_MODEL ?? 'scripted-standard';
  const speech = createSpeech(session, model, scenario.usage ?? null);

  let turn: AbortController | null = null;
  let code = 0;
  const hearing = listen((id, subtype, request) => {
    if (subtype === 'interrupt' && scenario.deaf) return;
    if (subtype === 'set_model' && typeof request.model === 'string') speech.model = request.model;
    speech.line({ type: 'control_response', response: { subtype: 'success', request_id: id, response: {} } });
    if (subtype === 'interrupt') turn?.abort();
  });

  // As claude: SIGINT ends the turn with a result and exit code 0, SIGTERM ends the process with none; tools die with both.
  let stopping = false;
  if (scenario.deaf) for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);
  else {
    process.on('SIGINT', () => {
      stopping = true;
      if (turn === null) process.exit(code);
      turn.abort();
    });
    process.on('SIGTERM', () => {
      turn?.abort();
      process.exit(143);
    });
  }

  const prompt = await hearing.nextNote();
  if (prompt === null) return 0;
  const mind: Mind = {
    scenario,
    speech,
    hearing,
    prompt,
    resumed: resumes !== undefined,
    heard: [],
    answer: '',
    asks: 0,
  };
  for (
    let note: string | null = prompt;
    note !== null && !stopping;
    note = stopping ? null : await hearing.nextNote()
  ) {
    const first = note === prompt && mind.heard.length === 0;
    if (!first) mind.heard.push(note);
    speech.init();
    speech.echo(note);
    turn = new AbortController();
    const end = await playTurn(mind, first ? steps : (scenario.noted ?? NOTED), turn.signal);
    turn = null;
    code = end.how === 'api-error' ? 1 : 0;
    if (end.how !== 'interrupted') speech.result(end.how, end.text);
    else {
      const words = `[Request interrupted by user${end.during === 'tools' ? ' for tool use' : ''}]`;
      speech.line({ type: 'user', message: { role: 'user', content: [{ type: 'text', text: words }] } });
      speech.result(end.during === 'tools' ? 'aborted_tools' : 'aborted_streaming', '');
    }
  }
  return code;
}

/** What it does with a note after its turn when the scenario does not say. */
const NOTED: readonly Step[] = [{ when: {}, unless: null, action: { verb: 'done', with: 'Noted.' } }];

try {
  process.exit(await main());
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(2);
}
