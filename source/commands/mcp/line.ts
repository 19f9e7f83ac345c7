/** The way from an agent's MCP server to the supervisor of its run, which may be restarted meanwhile. Carries the run's mark. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep, setImmediate as soon } from 'node:timers/promises';
import type { Report, Reporter } from '../../loop/report.ts';
import { formatDuration } from '../../loop/units.ts';
import { type Client, connect, NoSupervisor } from '../../socket/client.ts';
import { socketPaths } from '../../socket/path.ts';

export interface Said {
  readonly ok: boolean;
  readonly text: string;
}

export interface Line {
  /** Never rejects: what goes wrong is said to the agent. */
  report(report: Report): Promise<Said>;
  /** The operator's answer; after `waitMs`, or when `signal` aborts, the question is withdrawn. */
  ask(question: string, options: readonly string[] | undefined, waitMs: number, signal: AbortSignal): Promise<Said>;
}

const CONNECT_MS = 5000;
/** A supervisor that is being replaced is back in seconds. */
const RETRY_MS = 1000;
const RETRIES = 15;

export function openLine(env: Readonly<Record<string, string | undefined>>): Line {
  const { LOOPTOP_RUN_ID: run = '', LOOPTOP_RUN: nonce = '', LOOPTOP_REPOSITORY: root = '' } = env;
  const reporter: Reporter = { run, nonce };
  const nowhere: Said | null =
    run === '' || nonce === '' || root === ''
      ? {
          ok: false,
          text: 'this is no agent of a run: looptop starts this server for the agents of loops that have mcp: [looptop]',
        }
      : null;

  const reach = async (signal?: AbortSignal): Promise<Client> => {
    for (let tries = 1; ; tries++) {
      try {
        return await connectTo(root, run);
      } catch (error) {
        if (tries > RETRIES || !(error instanceof NoSupervisor)) throw error;
        await sleep(RETRY_MS, undefined, signal && { signal });
      }
    }
  };

  /** `lost` when the connection broke before the answer. */
  const once = async (report: Report, signal?: AbortSignal): Promise<Said & { readonly lost: boolean }> => {
    const client = await reach(signal);
    const hangUp = () => client.close();
    signal?.addEventListener('abort', hangUp, { once: true });
    try {
      let over = false;
      void client.closed.then(() => {
        over = true;
      });
      const { ok, text } = await client.report(reporter, report);
      // An answer that is none comes just before the news that the connection is gone.
      if (!ok) await soon();
      return { ok, text, lost: !ok && over };
    } finally {
      signal?.removeEventListener('abort', hangUp);
      client.close();
    }
  };

  const said = async (work: () => Promise<Said>): Promise<Said> => {
    if (nowhere !== null) return nowhere;
    try {
      return await work();
    } catch (error) {
      return { ok: false, text: error instanceof Error ? error.message : String(error) };
    }
  };

  return {
    report: (report) =>
      said(async () => {
        const { ok, text } = await once(report);
        return { ok, text };
      }),
    ask: (question, options, waitMs, signal) =>
      said(async () => {
        const id = randomUUID();
        const enough = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
        while (!enough.aborted) {
          try {
            const { ok, text, lost } = await once(
              { do: 'ask', ask: id, question, ...(options && { options }) },
              enough,
            );
            // The same question again: the next supervisor knows it.
            if (!lost) return { ok, text };
          } catch (error) {
            if (!enough.aborted) throw error;
          }
        }
        const because = signal.aborted
          ? 'the agent does not wait any more'
          : `no answer within ${formatDuration(waitMs)}`;
        await once({ do: 'ask-over', ask: id, because });
        return { ok: false, text: `${because}: decide yourself, and say in your summary what you have assumed` };
      }),
  };
}

async function connectTo(root: string, run: string): Promise<Client> {
  let none: unknown = new NoSupervisor('no supervisor runs for this repository');
  for (const path of socketPaths(root)) {
    try {
      return await connect(path, { by: `agent:${run}`, timeoutMs: CONNECT_MS });
    } catch (error) {
      if (!(error instanceof NoSupervisor)) throw error;
      none = error;
    }
  }
  throw none;
}
