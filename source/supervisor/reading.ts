/**
 * What one agent process writes, made into journaled events: its output, and the books of its CLI where the engine knows of any. Both are
 * read from their beginning; what was journaled before a restart, or written by an earlier process, only teaches the reader.
 */
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine, Reader, ReaderContext } from '../agents/engine.ts';
import { engineOf } from '../agents/engines.ts';
import { sameModel } from '../agents/prices.ts';
import { loginCommand } from '../agents/programs.ts';
import type { AgentEvent } from '../loop/agent-event.ts';
import type { EngineName } from '../loop/definition/definition.ts';
import { InfraError } from '../loop/errors.ts';
import type { AgentWire, RunState } from '../loop/state.ts';
import type { AgentId, RunId } from '../loop/units.ts';
import { OpenBooks, type Page } from './books.ts';
import { Confluence } from './confluence.ts';
import { agentFolder, type House, runEnvironment, runOf } from './house.ts';
import { environmentIn, promptIn } from './launch-plan.ts';
import type { AgentMeter } from './meter/meter.ts';
import { type AgentRead, recordRead } from './record-read.ts';
import { tail } from './tail.ts';

/** Its own output among the files that are read: its books all have names. */
export const OUTPUT = '';

/** A session has its books within 0.1 s. From here on they are taken for lost, and what the agent prints is the meter. */
const BOOKS_LOST_MS = 10_000;

/** `silenced` is awaited between the end of the output and that of the books: it sees to it that nobody writes any more. */
export async function openReading(
  house: House,
  id: RunId,
  agent: AgentId,
  silenced: () => Promise<void>,
  signal: AbortSignal,
): Promise<Reading> {
  const run = runOf(house, id);
  const engine = engineOf(run.agent?.engine ?? 'shell');
  if (engine === null) throw new InfraError(`${id} has an agent of an engine that this version does not have.`);
  const folder = agentFolder(house, id, agent);
  const meter = house.meter.forAgent(engine, await promptIn(folder));
  const env = { ...runEnvironment(house, run), ...(await environmentIn(folder)) };
  // Somebody may have deleted the worktree by now.
  const cwd = await realpath(run.worktree ?? '').catch(() => run.worktree ?? '');
  return new Reading(house, run, agent, engine, meter, { folder, env, cwd }, silenced, signal);
}

/**
 * Only what the agent asks on the side passes the wire meter, and its work goes by another way: grok's title does, and its work with a
 * model that has a base URL of its own in the operator's settings does not.
 */
const wentPast = ({ own, models }: AgentWire, model: string): boolean =>
  !own && models !== undefined && !models.some((asked) => sameModel(asked, model));

/** The person who reads this has a terminal beside it. */
function withLogin(event: Extract<AgentEvent, { type: 'limited' }>, engine: EngineName): AgentEvent {
  return { ...event, detail: `${event.detail}; log in with ${loginCommand(engine)} in another terminal, then resume` };
}

/** What is known of the process beside its output. */
function contextOf({ agent }: RunState): ReaderContext {
  if (agent === null) return {};
  return { model: agent.model, ...(agent.before === undefined ? {} : { before: agent.before }) };
}

interface Place {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export class Reading implements Disposable {
  /** To be iterated once, each page to be taken. Ends when nobody writes any more, and when aborted. */
  readonly pages = new Confluence<Page>();
  readonly #house: House;
  readonly #run: RunState;
  readonly #agent: AgentId;
  readonly #reader: Reader;
  readonly #meter: AgentMeter;
  readonly #leaving = new AbortController();
  readonly #drain: () => void;
  readonly #known: { readonly output: number; readonly books: Readonly<Record<string, number>> };
  #books: OpenBooks | null;
  #offset = 0;
  /** Some of its work went past the wire meter. */
  #past = false;

  constructor(
    house: House,
    run: RunState,
    agent: AgentId,
    engine: Engine,
    meter: AgentMeter,
    { folder, env, cwd }: Place,
    silenced: () => Promise<void>,
    signal: AbortSignal,
  ) {
    this.#house = house;
    this.#run = run;
    this.#agent = agent;
    this.#meter = meter;
    this.#reader = engine.reader(contextOf(run));
    const books = run.agent?.books;
    this.#known = { output: run.agent?.offset ?? 0, books: books ?? {} };
    const until = AbortSignal.any([signal, this.#leaving.signal]);
    const add = (pages: AsyncIterable<Page>) => this.pages.add(pages);
    // Once taken for lost they stay so: what was printed has been counted in their place.
    const lost = books === null;
    if (lost) this.#reader.withoutBooks?.();
    this.#books = engine.books === undefined || lost ? null : new OpenBooks(engine.books, { env, cwd }, add, until);
    const lines = tail(join(folder, 'out'), 0, until);
    this.#drain = lines.drain;

    const output = async function* (this: Reading): AsyncGenerator<Page, void, void> {
      for await (const batch of lines) yield { file: OUTPUT, lines: batch };
      if (until.aborted) return;
      await silenced();
      if (this.#reader.wanting === true) this.#books?.finish();
    };
    this.pages.add(output.call(this));
  }

  /** Nobody writes into its output any more: read it to its end. */
  drain(): void {
    this.#drain();
  }

  /** Its input should be closed: the turn is over. */
  get finished(): boolean {
    return this.#reader.finished;
  }

  get idle(): boolean {
    return this.#reader.idle;
  }

  async take({ file, lines }: Page): Promise<void> {
    const isOutput = file === OUTPUT;
    const known = isOutput ? this.#known.output : (this.#known.books[file] ?? 0);
    const news: AgentEvent[] = [];
    let end = 0;
    for (const line of lines) {
      const heard = isOutput ? this.#reader.read(line.text) : (this.#reader.readBook?.(file, line.text) ?? []);
      for (const event of heard) if (event.type === 'started') this.#books?.begin(event.session);
      const priced = this.#counted(await this.#price(heard));
      end = line.end;
      if (end > known) news.push(...priced);
    }
    if (isOutput) this.#offset = end;
    // Most of what stands in a book means nothing: then it is read again after a restart.
    const tells = isOutput ? end > known : news.length > 0;
    if (tells) await recordRead(this.#house, this.#read(news, isOutput ? undefined : { [file]: end }));
    if ((this.#books?.missingMs ?? 0) > BOOKS_LOST_MS) await this.#loseBooks();
  }

  /** When all pages are taken: what only the end reveals. `code` is the agent's exit code, null when lost. */
  async close(code: number | null): Promise<void> {
    if ((this.#books?.missingMs ?? 0) > 0) await this.#loseBooks();
    const said = [...(await this.#price(this.#reader.end(code))), ...(await this.#meter.close())];
    const last = this.#counted(said);
    if (last.length > 0) await this.#house.ledger.record(this.#read(last));
  }

  /** Lets go of the files; what was not taken is not read. */
  [Symbol.dispose](): void {
    this.#leaving.abort();
    this.#books?.[Symbol.dispose]();
  }

  async #loseBooks(): Promise<void> {
    this.#books?.[Symbol.dispose]();
    this.#books = null;
    const events = this.#counted(await this.#price(this.#reader.withoutBooks?.() ?? []));
    await recordRead(this.#house, this.#read(events, null));
  }

  /** Of an agent whose requests pass the wire meter, only that counts what it spends: what the agent reports is the same again. */
  #counted(events: readonly AgentEvent[]): readonly AgentEvent[] {
    const wire = runOf(this.#house, this.#run.id).agent?.wire ?? null;
    // Not one request: it goes to its provider by another way (Bedrock, Vertex), and what it reports is all there is.
    if (wire === null || wire.requests === 0) return events;
    return events.filter((event) => {
      if (event.type === 'limited') return false;
      if (event.type === 'hidden') return this.#past;
      if (event.type !== 'usage') return true;
      // A guess is under the name that the agent was started with, be it only an alias.
      const past = event.estimated !== true && wentPast(wire, event.model);
      this.#past ||= past;
      return past;
    });
  }

  /** A CLI may print its bill without the model's name: then it is the one that it was started with. */
  #price(events: readonly AgentEvent[]): Promise<AgentEvent[]> {
    const { model, agent } = this.#run;
    return this.#meter.price(
      events.map((event) => {
        if (event.type === 'usage' && event.model === '') return { ...event, model };
        return event.type === 'limited' && event.why === 'login' && agent ? withLogin(event, agent.engine) : event;
      }),
    );
  }

  #read(events: readonly AgentEvent[], books?: AgentRead['books']): AgentRead {
    const { total } = this.#reader;
    return {
      type: 'agent-read',
      run: this.#run.id,
      agent: this.#agent,
      // While old lines are read again it is behind what the journal knows.
      offset: Math.max(this.#offset, this.#known.output),
      events,
      ...(books === undefined ? {} : { books }),
      ...(total ? { total } : {}),
    };
  }
}
