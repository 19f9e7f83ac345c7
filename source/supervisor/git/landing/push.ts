/**
 * Pushes to where the operator pushes. Helpers and ssh commands are those of the operator's own configuration and environment: what the
 * repository's says of them an agent can have written. No hook runs.
 */
import { InfraError } from '../../../loop/errors.ts';
import { ask, type Call, git } from '../call.ts';
import type { ConfigPair } from '../harden.ts';
import { type Ground, inRoot } from '../paths.ts';

export interface Push {
  readonly commit: string;
  /** Name of the branch there. */
  readonly branch: string;
  /** The branch of the operator's by whose remote it goes. */
  readonly target: string;
  /** What it must be there, or not be at all (null): else nothing is overwritten. Absent: it may only be moved forward. */
  readonly lease?: string | null;
}

export type PushResult = { readonly to: string } | { readonly failed: string };

/** A push of a large history over a slow line; longer is a prompt that nobody answers. */
const PUSH_MS = 180_000;

/** Rejects only when git cannot be run at all. */
export async function push(ground: Ground, { commit, branch, target, lease }: Push): Promise<PushResult> {
  const remote = await remoteOf(ground, target);
  if (remote === null) return { failed: 'the repository has no remote to push to: git remote add origin URL' };
  const ref = `refs/heads/${branch}`;
  const guard = lease === undefined ? [] : [`--force-with-lease=${ref}:${lease ?? ''}`];
  const args = ['push', '--quiet', '--no-verify', '--receive-pack=git-receive-pack', ...guard];
  const call = await outward(ground);
  try {
    const answer = await ask([...args, '--', remote.url, `${commit}:${ref}`], {
      ...call,
      signal: AbortSignal.timeout(PUSH_MS),
    });
    if (answer.code === 0) return { to: `${remote.name}/${branch}` };
    return { failed: words(answer.stderr) };
  } catch (error) {
    if (error instanceof InfraError) return { failed: error.message };
    throw error;
  }
}

/** What git says of a failed push, without its advice. */
function words(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !/^(hint|To) /.test(line));
  return lines.slice(-3).join(' ').replace(/\s+/g, ' ').slice(0, 500) || 'git does not say why';
}

export interface Remote {
  readonly name: string;
  readonly url: string;
}

/** That of the branch, else origin, else the only one; null when there is none. */
export async function remoteOf(ground: Ground, target: string): Promise<Remote | null> {
  const call = inRoot(ground);
  const names = (await git(['remote'], call)).split('\n').filter(Boolean);
  const own = await ask(['config', '--get', `branch.${target}.remote`], call);
  const wished = own.code === 0 ? own.stdout.toString('utf8').trim() : 'origin';
  const name = names.includes(wished) ? wished : names.length === 1 ? names[0] : undefined;
  if (name === undefined || name.startsWith('-')) return null;
  const url = (await git(['remote', 'get-url', '--push', '--', name], call)).split('\n')[0]?.trim() ?? '';
  return url === '' || url.startsWith('-') ? null : { name, url };
}

/** A call that may reach out, by the usual ways only. */
async function outward(ground: Ground): Promise<Call> {
  const call = inRoot(ground);
  const own = await operatorsOwn(call);
  const last = (key: string) => own.findLast(([name]) => name === key)?.[1];
  const { env } = ground;
  return {
    ...call,
    set: {
      ...call.set,
      GIT_ALLOW_PROTOCOL: 'https:http:ssh:git:file',
      GIT_SSH_COMMAND: env.GIT_SSH_COMMAND ?? last('core.sshcommand') ?? env.GIT_SSH ?? 'ssh',
    },
    // An empty helper takes out all before it; then come the operator's.
    config: [['credential.helper', ''], ...own.filter(([key]) => key.startsWith('credential.'))],
  };
}

/** What the operator's own files say, and the machine's. */
async function operatorsOwn(call: Call): Promise<ConfigPair[]> {
  const listed = await git(['config', '--list', '--show-scope', '-z'], call);
  const fields = listed.split('\0');
  return fields.flatMap((scope, index): ConfigPair[] => {
    if (index % 2 === 1 || (scope !== 'global' && scope !== 'system')) return [];
    const [, key = '', value = ''] = /^([^\n]*)\n?(.*)$/s.exec(fields[index + 1] ?? '') ?? [];
    return [[key, value]];
  });
}
