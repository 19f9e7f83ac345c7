/** The environment of a gate: the operator's, as a CI machine would have it, without what looptop and npm left in it. */

/** Of the npm that started looptop (a gate's own npm sets its own), and of the Node that runs it. */
const NOT_FOR_GATES =
  /^npm_|^(?:INIT_CWD|NODE_CHANNEL_FD|NODE_CHANNEL_SERIALIZATION_MODE|NODE_COMPILE_CACHE|FORCE_COLOR)$/i;

/**
 * `CI=true` unless the environment says otherwise: without it vitest and jest wait for changes for ever, tools ask
 * questions, and jest writes a new snapshot instead of failing. A gate that wants none says `CI= npm test`.
 * NODE_TEST_CONTEXT goes because a `node --test` under it prints nothing and passes; NODE_ENV goes when our launcher set
 * it (LOOPTOP_NODE_ENV), because an `npm ci` under production installs no test tools. Output goes to a file: no colours.
 */
export function gateEnvironment(
  outer: Readonly<Record<string, string | undefined>>,
  gate: string,
): Record<string, string> {
  const env: Record<string, string> = { CI: 'true' };
  for (const [name, value] of Object.entries(outer)) {
    if (value === undefined || NOT_FOR_GATES.test(name) || name === 'NODE_TEST_CONTEXT') continue;
    if (name === 'NODE_ENV' && outer.LOOPTOP_NODE_ENV !== undefined) continue;
    if (name === 'LOOPTOP_NODE_ENV' || name === 'LOOPTOP_FORCE_COLOR') continue;
    env[name] = value;
  }
  return { ...env, LOOPTOP_GATE: gate };
}
