/**
 * The environment in which git may run next to agents that can write to the repository's configuration: no hook, helper,
 * pager, editor, signer, transport or background job of the repository's choosing. What no setting can turn off (filter
 * drivers, whose names are free) is in drivers.ts.
 */
import type { SimpleGitOptions } from 'simple-git';

export type Environment = Readonly<Record<string, string | undefined>>;
export type ConfigPair = readonly [key: string, value: string];

/** A gc with --prune=now beside committing agents lost objects of 8 to 15 of 15 branches in 4 of 4 trials: nobody starts one. */
const NO_HOUSEKEEPING: readonly ConfigPair[] = [
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
];

const HARDENED: readonly ConfigPair[] = [
  ...NO_HOUSEKEEPING,
  // Programs that a repository's own configuration can name.
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['core.pager', 'cat'],
  ['core.editor', 'false'],
  ['sequence.editor', 'false'],
  ['core.askPass', 'false'],
  ['core.sshCommand', 'false'],
  ['credential.helper', ''],
  ['gpg.program', 'false'],
  ['commit.gpgSign', 'false'],
  ['protocol.allow', 'never'],
  ['safe.bareRepository', 'explicit'],
  ['submodule.recurse', 'false'],
  // What a repository can say of merges and rebases: other branches moved along, changes stashed, resolutions remembered.
  ['rebase.updateRefs', 'false'],
  ['rebase.autoStash', 'false'],
  ['rebase.autoSquash', 'false'],
  ['rebase.missingCommitsCheck', 'ignore'],
  ['merge.autoStash', 'false'],
  ['merge.default', 'text'],
  ['merge.conflictStyle', 'merge'],
  ['merge.verifySignatures', 'false'],
  ['rerere.enabled', 'false'],
  // Our private index is a plain file of its own.
  ['core.splitIndex', 'false'],
  ['core.untrackedCache', 'false'],
  // Agents take ref locks too: wait instead of failing (git's own figures are 100 and 1000 ms).
  ['core.filesRefLockTimeout', '2000'],
  ['core.packedRefsTimeout', '5000'],
  // One checkout of 10,000 files took 3.2 s with one worker and 0.9 s with one per core.
  ['checkout.workers', '0'],
  ['worktree.useRelativePaths', 'false'],
  ['i18n.commitEncoding', 'utf-8'],
];

const HARDENED_ENV = {
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_LAZY_FETCH: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  // English messages, whatever the locale: two of them are read by repository.ts.
  LANGUAGE: 'en',
} as const;

/** Variables of the operator that say who they are and where their own configuration is. All other GIT_ ones are left behind. */
const KEPT = /^GIT_(AUTHOR|COMMITTER)_(NAME|EMAIL|DATE)$|^GIT_CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)$/;
/** What simple-git guards besides GIT_*: a repository or a shell could name a program with them. */
const DROPPED = /^(GIT_.*|EDITOR|VISUAL|PAGER|PREFIX|SSH_ASKPASS)$/i;

/** The whole environment of one git call: `env` of the operator, hardened, plus `extra` variables and `config` settings. */
export function gitEnv(
  env: Environment,
  extra: Readonly<Record<string, string>> = {},
  config: readonly ConfigPair[] = [],
): Record<string, string> {
  const kept = Object.entries(env).flatMap(([key, value]) =>
    value !== undefined && (KEPT.test(key) || !DROPPED.test(key)) ? [[key, value]] : [],
  );
  return { ...Object.fromEntries(kept), ...HARDENED_ENV, ...configEnv([...HARDENED, ...config]), ...extra };
}

/**
 * What every process of an agent should inherit, to be laid over `env`: its git starts no housekeeping in the shared
 * object store and takes no lock just to look. Settings that `env` already passes in GIT_CONFIG_COUNT stay in force.
 */
export function agentGitEnv(env: Environment = {}): Record<string, string> {
  const count = Number(env.GIT_CONFIG_COUNT ?? 0);
  return {
    GIT_OPTIONAL_LOCKS: '0',
    ...configEnv(NO_HOUSEKEEPING, Number.isSafeInteger(count) && count > 0 ? count : 0),
  };
}

/** Settings for one process and its children. Unlike `-c`, a key may hold any character, even `=`. */
function configEnv(pairs: readonly ConfigPair[], from = 0): Record<string, string> {
  const env: Record<string, string> = { GIT_CONFIG_COUNT: String(from + pairs.length) };
  for (const [index, [key, value]] of pairs.entries()) {
    env[`GIT_CONFIG_KEY_${from + index}`] = key;
    env[`GIT_CONFIG_VALUE_${from + index}`] = value;
  }
  return env;
}

/**
 * simple-git refuses calls that set what could run a program, whether to a program or, as here, to nothing. The values
 * above are ours, and no call ever passes a setting in its arguments, so these kinds are let through and the rest,
 * abbreviated options among them, stays refused.
 */
export const UNSAFE: NonNullable<SimpleGitOptions['unsafe']> = {
  allowUnsafeConfigEnvCount: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeHooksPath: true,
  allowUnsafePager: true,
  allowUnsafeEditor: true,
  allowUnsafeAskPass: true,
  allowUnsafeSshCommand: true,
  allowUnsafeCredentialHelper: true,
  allowUnsafeGpgProgram: true,
  allowUnsafeProtocolOverride: true,
  allowUnsafeFilter: true,
  allowUnsafeMergeDriver: true,
  // `--receive-pack` of a push, given so that no configuration names another.
  allowUnsafePack: true,
};
