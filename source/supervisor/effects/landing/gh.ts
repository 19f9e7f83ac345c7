/** One call of gh, GitHub's own command line: arguments in, what it says out. It asks nobody, and its gits run hardened. */
import { execa } from 'execa';
import { sanitize } from '../../../loop/text.ts';
import { gitEnv } from '../../git/harden.ts';

/** It speaks with a server; longer is a question that nobody answers. */
const GH_MS = 60_000;

export type Said = { readonly text: string } | { readonly failed: string };

/** Null when gh is there and runs. */
export async function whyNoGh(cwd: string, signal: AbortSignal): Promise<string | null> {
  const said = await gh(cwd, ['--version'], signal);
  return 'failed' in said ? said.failed : null;
}

/** Never rejects. */
export async function gh(cwd: string, args: readonly string[], signal: AbortSignal): Promise<Said> {
  const env = { ...gitEnv(process.env), GH_PROMPT_DISABLED: '1', GH_NO_UPDATE_NOTIFIER: '1', NO_COLOR: '1' };
  const ran = await execa('gh', args, {
    ...{ cwd, env, extendEnv: false, reject: false, stdin: 'ignore' },
    ...{ timeout: GH_MS, cancelSignal: signal, forceKillAfterDelay: 2000 },
  });
  if (ran.exitCode === 0) return { text: ran.stdout };
  const what = args
    .filter((each) => !each.startsWith('-'))
    .slice(0, 2)
    .join(' ');
  if (ran.code === 'ENOENT')
    return { failed: 'gh was not found on the PATH: install it (https://cli.github.com), or push the branch by hand' };
  if (ran.timedOut) return { failed: `gh ${what} took longer than ${GH_MS / 1000} s` };
  const words = sanitize((ran.stderr || ran.stdout || ran.shortMessage || '').replace(/\s+/g, ' '))
    .trim()
    .slice(0, 300);
  return { failed: `gh ${what} failed: ${words || `exit code ${ran.exitCode}`}` };
}
